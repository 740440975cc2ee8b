#!/bin/sh
# /usr/local/bin/mpiexec: MPICH's mpiexec as a person on a node calls it, in any shell: it starts the ranks of other nodes
# through the agents, and names this node by its address, which the other nodes' agents know, even where the hostfile does
# not list it. The agent itself calls /usr/bin/mpiexec.
set -u
# Ranks are the user muster's on every node, so here too.
if [ "$(id -u)" = 0 ]; then
  exec runuser -u muster -- env HOME=/home/muster USER=muster LOGNAME=muster "$0" "$@"
fi
unset MUSTER_LAUNCH_SOCKET
address= is_for_hosts= before=
# The launcher that the call names, or its environment: another than the agents' is left alone.
launcher=${HYDRA_LAUNCHER:-${HYDRA_BOOTSTRAP:-}}
[ ! -r /run/muster/address ] || read -r address </run/muster/address
for word; do
  case $before/$word in
    -launcher/* | --launcher/* | -bootstrap/* | --bootstrap/*)
      case $word in ssh | rsh | fork | slurm | manual) launcher=$word ;; esac ;;
    -launcher-exec/* | --launcher-exec/* | -bootstrap-exec/* | --bootstrap-exec/*) launcher=named ;;
  esac
  before=$word
  case $word in
    -localhost | --localhost) address= ;;
    -f | -hosts | -hostfile | -machinefile | -machine | -host | -H) is_for_hosts=yes ;;
  esac
done
socket=/run/muster/launch.sock
[ -n "$launcher" ] || export HYDRA_LAUNCHER_EXEC=/usr/lib/muster/launch
if [ -z "$launcher" ] && [ -n "$is_for_hosts" ] && [ -S "$socket" ] && [ ! -w "$socket" ]; then
  echo "muster: $(id -un) may not start ranks on this cluster's nodes. Run mpiexec as the user muster" \
    "(runuser -u muster -- mpiexec ...), or as root. A job's own processes can't: its mpiexec runs already." >&2
  exit 1
fi
[ -z "$address" ] || set -- -localhost "$address" "$@"
# mpiexec tells the proxy of rank 0 that its standard input has ended. One whose ranks have ended already does not read that, and SIGPIPE would end
# mpiexec, before it has heard the other nodes. Python ignores the signal anyway.
trap '' PIPE
exec /usr/bin/mpiexec "$@"
