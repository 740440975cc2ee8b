import { dirname } from "node:path";
import type { JobWorkspace } from "../jobs/ports.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 30_000;

/**
 * $1 the folder, $2 its parent, $3 the script's name or nothing; standard input is the script. Whatever an earlier job has
 * put in the place of these folders goes, so that nothing of the next job comes from there, and no job can stop the next.
 * What may be large is moved away first: to remove it may take longer than there is. Each program that is started here delays
 * every job's launch: where no job has changed anything there are two, mkdir and cat.
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
  old=$(mktemp -u -- "$2/.old.XXXXXXXX")
  mv -T -- "$1" "$old"
  [ -L "$old" ] || timeout 5 chmod -R u+rwx -- "$old" 2>/dev/null || :
  timeout 5 rm -rf -- "$old" || :
fi
mkdir -m 750 -- "$1"
[ -z "$3" ] || cat >"$1/$3"`;

/** $1 the folder. */
const REMOVE = `[ -L "$1" ] || [ ! -e "$1" ] || chmod -R u+rwx -- "$1" 2>/dev/null || :
rm -rf -- "$1"`;

/** The jobs' working folders on /shared, made by the job user: a job may have changed everything there. */
export function createJobWorkspace(errands: Errands): JobWorkspace {
  return {
    async prepare(folder, script) {
      const parameters = [folder, dirname(folder), script?.name ?? ""];
      await errands.run({ script: PREPARE, parameters, input: script?.content ?? "", timeoutMs: TIMEOUT_MS });
    },
    async remove(folder) {
      await errands.run({ script: REMOVE, parameters: [folder], timeoutMs: TIMEOUT_MS });
    },
  };
}
