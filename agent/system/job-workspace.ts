import { dirname } from "node:path";
import type { JobRequest } from "../contract/registry.js";
import type { JobWorkspace } from "../jobs/ports.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 30_000;
const THERE = "there";

/**
 * $1 the folder, $2 its parent, $3 the script's name or nothing, $4 what to say, and do nothing, where the folder is there, or nothing;
 * standard input is the script. Whatever an earlier job has
 * put in the place of these folders goes, so that nothing of the next job comes from there, and no job can stop the next.
 * What may be large is moved away first: to remove it may take longer than there is, and then a later call goes on with it. Each
 * program that is started here delays every job's launch: where all is correct there are two, mkdir and cat.
 */
const PREPARE = `umask 022
own() {
  if [ -L "$1" ] || [ ! -d "$1" ]; then
    rm -f -- "$1"
    mkdir -- "$1"
  fi
  [ -r "$1" ] && [ -w "$1" ] && [ -x "$1" ] || chmod u+rwx -- "$1"
}
[ -w "\${2%/*/*}" ] && [ -x "\${2%/*/*}" ] || chmod u+rwx -- "\${2%/*/*}" 2>/dev/null || :
own "\${2%/*}"
own "$2"
if [ -e "$1" ] || [ -L "$1" ]; then
  [ -z "$4" ] || { printf %s "$4"; exit; }
  old=$(mktemp -u -- "$2/.old.XXXXXXXX")
  mv -T -- "$1" "$old"
fi
for old in "$2"/.old.*; do
  [ -e "$old" ] || [ -L "$old" ] || continue
  timeout 10 sh -c 'for old; do [ -L "$old" ] || chmod -R u+rwx -- "$old"; rm -rf -- "$old"; done' sh "$2"/.old.* 2>/dev/null || :
  break
done
mkdir -m 750 -- "$1"
[ -z "$3" ] || cat >"$1/$3"`;

/** $1 the folder. It is moved away first: what this does not manage to remove in time, the next PREPARE does. */
const REMOVE = `[ -e "$1" ] || [ -L "$1" ] || exit 0
old=$(mktemp -u -- "\${1%/*}/.old.XXXXXXXX")
mv -T -- "$1" "$old"
[ -L "$old" ] || chmod -R u+rwx -- "$old" 2>/dev/null || :
rm -rf -- "$old"`;

/** The jobs' working folders on /shared, made by the job user: a job may have changed everything there. */
export function createJobWorkspace(errands: Errands): JobWorkspace {
  function run(folder: string, script: JobRequest["script"], unless: string, signal?: AbortSignal) {
    const parameters = [folder, dirname(folder), script?.name ?? "", unless];
    const input = script?.content ?? "";
    return errands.run({
      ...{ script: PREPARE, parameters, input, timeoutMs: TIMEOUT_MS, signal },
      isUrgent: true,
    });
  }

  return {
    prepare: async (folder, script, signal) => void (await run(folder, script, "", signal)),
    prepareAhead: async (folder, script) => (await run(folder, script, THERE)).length === 0,
    async remove(folder) {
      await errands.run({ script: REMOVE, parameters: [folder], timeoutMs: TIMEOUT_MS });
    },
  };
}
