#!/bin/sh
# Waits until the instance's first boot is done, and keeps its other users of apt and dpkg away: they would hold the locks, and change the image.
set -eu
if command -v cloud-init >/dev/null; then
  # Status 2: it has warned, and is done.
  cloud-init status --wait || [ $? -eq 2 ]
fi
for unit in apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service unattended-upgrades.service; do
  systemctl stop "$unit" 2>/dev/null || :
done
