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
# mpiexec's own, which it leaves open here: the socket that proxies connect to. Where mpiexec dies, it has to go with it: a proxy that connects
# later would wait there forever.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
socket=${MUSTER_LAUNCH_SOCKET:-/run/muster/launch.sock}
give_up_seconds=20
LC_ALL=C
crlf=$(printf '\r\n.')
crlf=${crlf%.}
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
# Seconds since boot, without a program: each that is started here delays every launch, once for each host.
uptime() { read -r seconds _ </proc/uptime && seconds=${seconds%.*}; }

# What goes to the agent: an HTTP request, whose body is the words, each ended by a NUL. Lengths are bytes.
length=0
for word; do length=$((length + ${#word} + 1)); done
request="POST /v1/launch HTTP/1.1${crlf}host: localhost${crlf}connection: close${crlf}content-type: application/octet-stream${crlf}"
request="${request}content-length: $length$crlf${MUSTER_JOB_ID:+muster-job-id: $MUSTER_JOB_ID$crlf}"
read -r id </proc/sys/kernel/random/uuid
request="${request}muster-launch-id: $id$crlf$crlf"

lost_since=
while :; do
  uptime
  began=$seconds
  # netcat: it starts in a tenth of curl's time. The dot keeps the last newline. Only an agent's whole answer is a verdict.
  reply=$({ printf %s "$request"; printf '%s\0' "$@"; } | nc.openbsd -U "$socket" 2>/dev/null; echo .)
  reply=${reply#*"$crlf$crlf"}
  verdict=${reply%%"$newline"*}
  message=${reply#"$verdict"}
  message=${message#"$newline"}
  message=${message%.}
  case $reply in
    .) message="this node's agent does not answer at $socket" ;;
    # It has ended in the middle of a line.
    *"$newline"*) ;;
    *) verdict=cut ;;
  esac
  case $verdict in
    'ended 0')
      [ -z "$message" ] || say "$message"
      exit 0
      ;;
    'ended '*) fail "${verdict#ended }" "the ranks' proxy on $host ended with status ${verdict#ended }. $message" ;;
    refused) fail 255 "$message" ;;
  esac
  # A wait that was longer than any attempt to connect had begun well: the time counts from its end.
  uptime
  [ -n "$lost_since" ] && [ $((seconds - began)) -lt 10 ] || lost_since=$seconds
  [ $((seconds - lost_since)) -lt "$give_up_seconds" ] || fail 255 "no contact with $host for $give_up_seconds s: $message"
  sleep 1
done
