#!/bin/sh
# Has Node.js write the agent's compiled code beside it, where only root writes: the agent starts with that in less time. It is of this very
# Node.js; one of another version compiles as it goes. May run again.
# Usage: compile-agent.sh [FOLDER [NODE]]
#   FOLDER has the agent; default: where an image has it. NODE: the Node.js that it will run on; default: the one in FOLDER.
set -eu
umask 022
folder=${1:-/usr/lib/muster}
rm -f "$folder"/muster-agent-*.code
exec "${2:-$folder/node}" "$folder/muster-agent.cjs" compile
