#!/bin/sh
# /usr/local/bin/mpiexec: MPICH's mpiexec as a person on a node calls it, in any shell: it starts the ranks of other nodes
# through the agents, and names this node by its address, which the other nodes' agents know, even where the hostfile does
# not list it. The agent itself calls /usr/bin/mpiexec.
set -u
# Ranks are the user muster's on every node, so here too.
if [ "$(id -u)" = 0 ]; then
  exec runuser -u muster -- env HOME=/home/muster USER=muster LOGNAME=muster "$0" "$@"
fi
export HYDRA_LAUNCHER_EXEC=/usr/lib/muster/launch
unset MUSTER_LAUNCH_SOCKET
address=
[ ! -r /run/muster/address ] || read -r address </run/muster/address
for word; do
  case $word in -localhost | --localhost) address= ;; esac
done
[ -z "$address" ] || set -- -localhost "$address" "$@"
exec /usr/bin/mpiexec "$@"
