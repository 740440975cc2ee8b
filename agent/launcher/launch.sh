#!/bin/sh
# /usr/lib/muster/launch: Hydra's mpiexec calls it in ssh's place, once for every host:
#   launch -x HOST "/usr/bin/hydra_pmi_proxy" --control-port ... --proxy-id N
#   launch -q -x HOST .../hydra_bstrap_proxy --upstream-host ... --proxy-id N      (Intel MPI's)
# It hands these words, as they are, to this node's agent over a unix socket; the agent of HOST starts the proxy as the
# job user. It stays until the proxy ends, and exits with the proxy's status.
#
# Who ends what: the proxy lives as long as this script waits for it. If an agent on either side restarts, the wait is lost but
# not the proxy, and this script waits again with the same id (for 20 s; a node ends a proxy without a waiting script after
# 30 s). If a proxy fails or its node is lost, mpiexec would wait forever, so this script ends mpiexec.
set -u
socket=${MUSTER_LAUNCH_SOCKET:-/run/muster/launch.sock}
give_up_seconds=20
newline='
'
host=${2:-?}
[ "${1:-}" != -q ] || host=${3:-?}

say() { printf 'muster: %s\n' "$1" >&2; }

# Ends mpiexec, but only if it is still our parent: otherwise that pid may belong to another process.
fail() {
  say "$2"
  # mpiexec passes on what was said, unless it ends before it has read it.
  sleep 0.2
  read -r _ _ _ parent _ </proc/$$/stat
  [ "$parent" != "$PPID" ] || kill -TERM "$PPID"
  exit "$1"
}

if [ -S "$socket" ] && [ ! -w "$socket" ]; then
  fail 255 "$(id -un) may not start ranks on this cluster's nodes. Run mpiexec as the user muster (runuser -u muster -- mpiexec ...), or as root. A job's own processes can't: its mpiexec runs already."
fi
read -r id </proc/sys/kernel/random/uuid
lost_since=
while :; do
  began=$(date +%s)
  # curl's own messages go to standard error: only an agent's answer is a verdict.
  reply=$(printf '%s\0' "$@" | curl --silent --unix-socket "$socket" --data-binary @- \
    --header "muster-launch-id: $id" ${MUSTER_JOB_ID:+--header "muster-job-id: $MUSTER_JOB_ID"} --header 'content-type: application/octet-stream' \
    http://localhost/v1/launch) || reply="retry${newline}this node's agent does not answer at $socket (curl's status $?)"
  verdict=${reply%%"$newline"*}
  message=${reply#"$verdict"}
  message=${message#"$newline"}
  case $verdict in
    'ended 0')
      [ -z "$message" ] || say "$message"
      exit 0
      ;;
    'ended '*) fail "${verdict#ended }" "the ranks' proxy on $host ended with status ${verdict#ended }. $message" ;;
    refused) fail 255 "$message" ;;
  esac
  # A wait that was longer than any attempt to connect had begun well: the time counts from its end.
  now=$(date +%s)
  [ -n "$lost_since" ] && [ $((now - began)) -lt 10 ] || lost_since=$now
  [ $((now - lost_since)) -lt "$give_up_seconds" ] || fail 255 "no contact with $host for $give_up_seconds s: $message"
  sleep 1
done
