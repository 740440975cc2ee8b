#!/bin/sh
# Removes what a builder has and its image must not: identity, keys, logs, histories, and what the bake downloaded. The last step: what runs
# later must write nothing that stays.
set -eu

# Each instance makes its own. An empty machine-id means "not yet made"; without the file, systemd would ask on the console.
: >/etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_* /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /etc/hostname
# Keys of people: cloud-init wrote the key pair's, an extra step may have left others.
for home in /root /home/*; do
  rm -rf "$home/.ssh" "$home/.cache" "$home/.gnupg" "$home/.wget-hsts" "$home/.lesshst" "$home/.viminfo"
  rm -f "$home"/.*_history
done
rm -rf /root/.config
if command -v cloud-init >/dev/null; then cloud-init clean --logs; fi
rm -rf /var/lib/cloud/instances /var/lib/cloud/instance /var/lib/cloud/data
# Of user data, and of the agent that no builder starts.
rm -rf /var/lib/muster/user-data /var/lib/muster/boot-script /var/lib/muster/agents /etc/muster
rm -rf /var/lib/amazon/ssm /var/log/amazon
rm -f /var/lib/dhcp/* /run/systemd/netif/leases/*

apt-get -qq clean
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/debconf/*-old /var/lib/dpkg/*-old
rm -rf /tmp/* /tmp/.[!.]* /var/tmp/* /var/tmp/.[!.]* /var/crash/* /var/backups/*
# Folders stay, and files that nobody makes anew: what writes there needs them.
find /var/log -type f ! -name btmp ! -name lastlog ! -name wtmp -delete
for name in btmp lastlog wtmp; do [ ! -e "/var/log/$name" ] || : >"/var/log/$name"; done
systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service 2>/dev/null || :
rm -rf /var/log/journal/*

# What the recipe wrote of its own packages, after the extra steps.
dpkg-query --show --showformat '${Package}=${Version}\n' >/usr/lib/muster/packages
touch /etc/.updated /var/.updated
sync
