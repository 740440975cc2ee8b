#!/bin/sh
# PID 1 of a node until systemd takes its place: lays the root, the devices and the network card, then pivots.
set -eu
if [ "${1:-}" != inside ]; then
  # The shell's own PID as this machine sees it: /proc is still the machine's. systemd keeps it through exec.
  read -r pid _ </proc/self/stat
  echo "$pid" >"$NODE_FOLDER/pid"
  echo 0 >"$NODE_CGROUP/node/cgroup.procs"
  stty raw -echo
  exec unshare --cgroup "$0" inside
fi
console=$(tty)
root=$NODE_FOLDER/root
disk=$NODE_FOLDER/disk

# A small disk, which can become full, goes with the node.
[ -z "$NODE_DISK_MB" ] || mount -t tmpfs -o "size=${NODE_DISK_MB}m" disk "$disk"
mkdir -p "$disk/upper" "$disk/work"
mount -t overlay overlay -o "lowerdir=$NODE_LAYERS,upperdir=$disk/upper,workdir=$disk/work,volatile" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --bind "$NODE_FOLDER/cpuinfo" "$root/proc/cpuinfo"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755,nosuid,size=1m dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/full" c 1 7
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
mknod -m 666 "$root/dev/tty" c 5 0
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
: >"$root/dev/console"
mount --bind "$console" "$root/dev/console"
mount -t tmpfs -o mode=755,nosuid,nodev run "$root/run"
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
mkdir "$root/run/vpc" "$root/run/efs"
mount --bind "$NODE_VPC" "$root/run/vpc"
mount -o remount,bind,ro "$root/run/vpc"
mount --bind "$NODE_EFS" "$root/run/efs"

# One card on the LAN's bridge. The VPC routes between all subnets: every address is on the link.
ip link set lo up
ip -n "$NODE_NETNS" link del "$NODE_VETH" 2>/dev/null || :
ip link add eth0 type veth peer name "$NODE_VETH" netns "$NODE_NETNS"
ip -n "$NODE_NETNS" link set "$NODE_VETH" master br0 up
ip address add "$NODE_ADDRESS/32" dev eth0
ip link set eth0 up
ip route add default dev eth0

cd "$root"
mkdir -p mnt
pivot_root . mnt
# Mounts of a node reach the units that have a namespace of their own, as on an instance, where systemd sees to it.
exec chroot . /bin/sh -c 'umount -l /mnt; mount --make-rshared /; exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --show-status=no' </dev/console >/dev/console 2>&1
