#!/bin/sh
# Makes a plain Debian 13 root in a folder: what a builder boots in the local cloud, as it boots Debian's official AMI on AWS.
# plain.ts starts it in mount and PID namespaces of its own, so whatever happens no mount stays behind.
# Usage: plain.sh ROOT DPKG_OPTIONS BAKE_DIR PACKAGES     (BAKE_DIR: see bake.sh)
set -eu
root=$1 dpkg_options=$2 bake=$3 packages=$4
sources=$bake/sources.list
[ -e "$sources" ] || sources=
mmdebstrap --quiet --mode=root --variant=minbase --architectures=amd64 --format=directory --include="$packages" \
  --aptopt="$bake/host-apt.conf" --dpkgopt="$dpkg_options" trixie "$root" ${sources:+"$sources"}
# What mmdebstrap copied from this machine, and what each instance makes for itself.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$root/etc/hostname" \
  "$root/etc/resolv.conf" "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d/"*
: >"$root/etc/machine-id"
touch "$root/etc/.updated" "$root/var/.updated"
