#!/bin/sh
# /usr/lib/muster/rank: runs one rank of a job: rank PYTHON [OPTION ...] /usr/lib/muster/rank.py (FILE | -c CODE | -m MODULE) ...
# It is the rank's parent, and so sees what no Python code can report: os._exit, a signal. The node's agent hears of it, and
# the rank's status stays as it is, 128 + signal where one ended it. A shell starts in a tenth of Python's time, which each
# rank of each job would wait for.
#
# The rank gets these signals too, being in the same process group.
trap : TERM INT
# Nothing of this shell's own, such as its word of a signal, goes to the job's output. Descriptor 9, unless MPI's is that.
if [ "${PMI_FD:-}" = 9 ]; then
  exec 8>&2 2>/dev/null
  (exec "$@" 2>&8 8>&-)
else
  exec 9>&2 2>/dev/null
  (exec "$@" 2>&9 9>&-)
fi
status=$?
[ "$status" != 0 ] || exit 0
# The shell itself says it, at once: where a rank was killed, the others notice, and Hydra soon ends this process group.
pipe=/run/muster/ranks.pipe
if [ -n "${PMI_RANK:-}" ] && [ -w "$pipe" ] && [ -p "$pipe" ]; then
  # Open both ways, it waits for no reader.
  { printf '%s %s %s\n' "${MUSTER_LAUNCH_ID:-}" "$PMI_RANK" "$status" 1<>"$pipe"; } 2>/dev/null
else
  # In a session of its own, which Hydra does not end.
  /usr/bin/setsid /usr/bin/python3 -I -S "${0%/*}/rank_failure.py" "$status"
fi
exit "$status"
