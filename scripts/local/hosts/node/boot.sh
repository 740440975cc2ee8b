#!/bin/sh
# Powers a node on: joins the node's cgroup, so that it can always be found and killed, and gives it a console.
# All parameters come by environment (see system/node.ts), so that no shell text is ever built from them.
set -eu
echo $$ >"$NODE_CGROUP/supervisor/cgroup.procs"
here=$(dirname "$0")
# `script` is the serial port: a terminal whose output goes to the console log.
NODE_INIT="$here/init.sh" script --quiet --flush --return --append --log-out "$NODE_FOLDER/console.log" \
  --command 'exec unshare --mount --propagation private --uts --ipc --net --pid --fork --kill-child=KILL "$NODE_INIT"' \
  >/dev/null </dev/null && code=0 || code=$?
# The kernel ends the init of a namespace that powers itself off with SIGINT. See pid_namespaces(7).
[ "$code" != 130 ] || : >"$NODE_FOLDER/powered-off"
exit "$code"
