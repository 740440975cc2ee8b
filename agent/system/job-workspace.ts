import { dirname } from "node:path";
import type { JobWorkspace } from "../jobs/ports.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 30_000;

/**
 * $1 the folder, $2 its parent, $3 the script's name or nothing; standard input is the script. What an earlier job has put
 * in the folder's place goes: nothing of the next job is to come from there.
 */
const PREPARE = `umask 022
chmod u+rwx -- /shared 2>/dev/null || :
[ ! -e "$1" ] && [ ! -L "$1" ] || { chmod -R u+rwx -- "$1" 2>/dev/null || :; rm -rf -- "$1"; }
mkdir -p -- "$2" 2>/dev/null || { rm -rf -- "$2"; mkdir -p -- "$2"; }
mkdir -m 750 -- "$1"
[ -z "$3" ] || cat >"$1/$3"`;

/** $1 the folder. */
const REMOVE = `[ ! -e "$1" ] && [ ! -L "$1" ] || { chmod -R u+rwx -- "$1" 2>/dev/null || :; rm -rf -- "$1"; }`;

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
