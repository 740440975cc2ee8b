#!/bin/sh
# Everything that Muster's TypeScript programs need to run: a suitable machine, Debian packages, Node.js, node_modules.
# The programs that a person starts source it, so that they get its PATH:
#     . "$root/scripts/setup/bootstrap.sh" "$root"
# (a shell whose `.` takes no argument sets muster_root instead).
# Prints what it does, and how long it took, on stderr; quiet and quick if there is nothing to do. May run twice at once.
# The rest of the set-up is scripts/setup/set-up.ts.
set -eu
muster_root=${1:-${muster_root:?usage: . scripts/setup/bootstrap.sh PROJECT_FOLDER}}
. "$muster_root/scripts/setup/node.sh"
# Each package, and the file or program that shows that it is installed.
muster_packages='
mmdebstrap mmdebstrap
squashfs-tools mksquashfs
nftables nft
iproute2 ip
util-linux nsenter
debian-archive-keyring /usr/share/keyrings/debian-archive-keyring.gpg
ca-certificates /etc/ssl/certs/ca-certificates.crt
curl curl
netcat-openbsd nc.openbsd
openssh-client ssh-keygen
gnupg gpg-agent
gpgv gpgv
python3 python3'

muster_say() { echo "set-up: $*" >&2; }

# One clear sentence, and the next step.
muster_refuse() {
  muster_say "can't run here: $1"
  exit 1
}

muster_has() {
  case $1 in
  /*) [ -e "$1" ] ;;
  *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

muster_missing_packages() {
  echo "$muster_packages" | while read -r package probe; do
    [ -z "$package" ] || muster_has "$probe" || echo "$package"
  done
  ! muster_has python3 || python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
  muster_has python3 || echo python3-venv
}

# Before anything is changed.
muster_check_machine() {
  [ "$(uname -s)" = Linux ] || muster_refuse "this is $(uname -s), but cluster nodes are Linux namespaces. Use a Linux machine or VM."
  [ "$(uname -m)" = x86_64 ] || muster_refuse "this is $(uname -m), but the node image is x86-64. Use an x86-64 machine or VM."
  [ "$(id -u)" = 0 ] || muster_refuse "you are not root, but namespaces, bridges and mounts need root. Run it again with sudo."
  ! muster_has unshare || unshare --mount --net --uts --ipc --pid --fork true 2>/dev/null ||
    muster_refuse "this machine allows no new namespaces (a container?). Use a VM, or start the container privileged."
  [ -z "$(muster_missing_packages)" ] || muster_has apt-get ||
    muster_refuse "these are missing and there is no apt-get: $(muster_missing_packages | tr '\n' ' '). Install them, or use Debian or Ubuntu."
  muster_terraform_available ||
    muster_refuse "there is no Terraform on PATH and releases.hashicorp.com does not answer. Install Terraform 1.11 or newer, or set MUSTER_TERRAFORM to its path."
}

muster_terraform_available() {
  [ -n "${MUSTER_TERRAFORM:-}" ] || muster_has terraform || [ -n "$(ls "$muster_cache"/terraform-*/terraform 2>/dev/null)" ] ||
    ! muster_has curl || curl -fsI --max-time 15 -o /dev/null https://releases.hashicorp.com/terraform/
}

muster_install_packages() {
  since=$(date +%s)
  muster_say "apt: installing $*"
  # The index is updated only if the packages can't be installed without.
  if ! muster_apt_install "$@" >"$muster_cache/apt.log" 2>&1; then
    apt-get update >"$muster_cache/apt.log" 2>&1 && muster_apt_install "$@" >>"$muster_cache/apt.log" 2>&1 || {
      tail -n 5 "$muster_cache/apt.log" >&2
      muster_refuse "apt-get could not install $*. The lines above say why; all of them are in $muster_cache/apt.log."
    }
  fi
  muster_say "apt: $(($(date +%s) - since)) s"
}

muster_apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }

muster_provide_node() {
  ! { muster_node_fits "$muster_node_current" && muster_has npm; } || return 0
  ! muster_use_own_node || return 0
  since=$(date +%s)
  muster_say "node: no Node.js $muster_node_current or newer with npm here; installing it into $muster_cache"
  muster_install_node "$muster_node_pin" && muster_use_own_node ||
    muster_refuse "Node.js $muster_node_current could not be installed. The lines above say why. Or install it yourself, from https://nodejs.org/en/download."
  muster_say "node: $(($(date +%s) - since)) s"
}

muster_install_modules() {
  node "$muster_root/scripts/setup/modules-current.cjs" "$muster_root" && return 0
  since=$(date +%s)
  muster_say "npm: installing what package-lock.json lists (half a minute)"
  muster_npm_ci ||
    muster_refuse "npm ci failed. The lines above say why; most often the npm registry does not answer."
  muster_say "npm: $(($(date +%s) - since)) s"
}

muster_bootstrap() {
  muster_check_machine
  mkdir -p "$muster_cache"
  # One at a time: concurrent set-ups would break each other's apt and npm.
  exec 9>"$muster_cache/bootstrap.lock"
  ! muster_has flock || flock -w 900 9 ||
    muster_refuse "another set-up has been running for 15 minutes. Wait for it, or end it, and run this again."
  missing=$(muster_missing_packages)
  # shellcheck disable=SC2086 # one word per package
  [ -z "$missing" ] || muster_install_packages $missing
  muster_provide_node
  muster_install_modules
  exec 9>&-
}

muster_bootstrap
