#!/bin/sh
# Makes a Debian root in a folder and runs the recipe in it. build.ts starts it in mount and PID namespaces of its own,
# so whatever happens no mount stays behind.
# Usage: bake.sh ROOT RECIPE_DIR BAKE_DIR
#   BAKE_DIR holds what this machine needs to reach Debian's mirror and the Python index: host-apt.conf (with the
#   machine's paths), apt.conf (with /run/bake's), ca.pem, and sources.list if the machine has a mirror of its own. It is
#   mounted on the root's /run/bake for the time of the bake only. Proxies and pip's settings come as environment.
set -eu
root=$1 recipe=$2 bake=$3
sources=$bake/sources.list
[ -e "$sources" ] || sources=
since=$(date +%s)
mmdebstrap --quiet --mode=root --variant=minbase --architectures=amd64 --format=directory \
  --aptopt="$bake/host-apt.conf" --dpkgopt="$recipe/files/etc/dpkg/dpkg.cfg.d/muster-slim" \
  trixie "$root" ${sources:+"$sources"}
echo "step: Debian 13, minimal: $(($(date +%s) - since)) s"

# What mmdebstrap copied from this machine.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap" "$root/etc/hostname"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir "$root/run/bake" "$root/run/recipe"
mount --bind "$bake" "$root/run/bake"
mount --bind "$recipe" "$root/run/recipe"
cat /etc/resolv.conf >"$root/etc/resolv.conf"

# AWS's agent for Session Manager would have no service to talk to here, and file systems are folders of this machine.
MUSTER_IMAGE_WITHOUT='session-manager efs-utils' APT_CONFIG=/run/bake/apt.conf chroot "$root" /run/recipe/recipe.sh /run/recipe

# A local node reaches no mirror; Debian's official AMI keeps its own.
rm -f "$root/etc/resolv.conf" "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d/"*
