#!/bin/sh
# Makes a Muster node image of the plain Debian 13 that it runs on, step by step: the recipe, the agent, the user's own steps, the checks, the
# cleaning. The builder's user data starts it (agent/contract/image/builder-script.ts says with what); it does not power off.
# What it says goes to report.json, as agent/contract/image/report.ts describes it. Status 0: all is done; 1: the step that the last report
# names has failed.
set -u
umask 022
here=$(cd "$(dirname "$0")" && pwd)
image=$(dirname "$here")
folder=$MUSTER_BUILD_FOLDER
state=$folder/state
output=$folder/step-output
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root MUSTER_IMAGE_CHECKED_LATER=yes
mkdir -p "$state"
: >"$state/steps"
: >"$output"

# report OK: puts what is known now. The recipe's own steps are known by what it prints.
report() {
  flock "$state/lock" "$here/report.sh" "$1" "$state" "$output"
}
begin() { echo "$1" >"$state/phase.new" && mv "$state/phase.new" "$state/phase"; step_began "$2"; }
step_began() {
  echo "$1" >"$state/step.new" && mv "$state/step.new" "$state/step"
  date +%s >"$state/since"
}
# step_ended EXIT_CODE
step_ended() {
  echo "$(($(date +%s) - $(cat "$state/since"))) $1 $(cat "$state/step")" >>"$state/steps"
}
fail() {
  step_ended "$1"
  report false
  end_watch
  exit 1
}
end_watch() { kill "$watch" 2>/dev/null || :; }

# one PHASE NAME COMMAND ...: a step of its own.
one() {
  phase=$1 name=$2
  shift 2
  begin "$phase" "$name"
  report null
  "$@" >"$output" 2>&1 </dev/null || fail $?
  step_ended 0
}

# The recipe says when its steps begin. Its output is followed while it runs; the status of it is in a file, for the pipe hides it.
recipe() {
  begin recipe preparing
  report null
  : >"$output"
  { "$image/recipe.sh" 2>&1 </dev/null; echo $? >"$state/recipe-status"; } |
    while IFS= read -r line; do
      case $line in
        'step begins: '*)
          step_ended 0
          : >"$output"
          step_began "${line#step begins: }"
          report null
          ;;
        'step: '*) ;;
        *) printf '%s\n' "$line" >>"$output" ;;
      esac
    done
  status=$(cat "$state/recipe-status")
  [ "$status" -eq 0 ] || fail "$status"
  step_ended 0
}

# Reports in the middle of long steps too: a builder that says nothing is taken for lost.
begin preparing waiting
while sleep 15; do report null; done >/dev/null 2>&1 &
watch=$!

one preparing 'other package managers' "$here/quiet.sh"
recipe
one recipe agent tar --extract --file "$folder/recipe/dist/agent-layer.tar" --directory / --no-same-owner
one recipe compilation "$here/compile-agent.sh"
for script in "$folder"/steps/*; do
  [ -e "$script" ] || continue
  # NN-NAME: the number is the order.
  name=$(basename "$script")
  one steps "${name#[0-9][0-9]-}" sh -eu "$script"
done
for check in packages mpi notebook agent file-system session-manager efa; do
  one checks "$check" "$here/check.sh" "$check" "$image"
done
one cleaning cleaning "$here/clean.sh"
begin done done
end_watch
report true
