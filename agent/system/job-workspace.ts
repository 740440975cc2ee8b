import { dirname } from "node:path";
import type { Logger } from "pino";
import type { JobRequest } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { JobWorkspace } from "../jobs/ports.js";
import type { Errands } from "./errands.js";
import { createRemovals } from "./removals.js";

const TIMEOUT_MS = 30_000;
const THERE = "there";
const MOVED = "moved";

/** Shell: moves $1 away, to a name beside it that is to be removed. To remove it may take long, if a job has put much into it. */
const MOVE_AWAY = `mv -T -- "$1" "$(mktemp -u -- "\${1%/*}/.old.XXXXXXXX")"`;

/**
 * $1 the folder, $2 its parent, $3 the script's name or nothing, $4 what to say, and do nothing, where the folder is there, or nothing;
 * standard input is the script. Whatever an earlier job has
 * put in the place of these folders goes, so that nothing of the next job comes from there, and no job can stop the next. Each
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
  ${MOVE_AWAY}
  printf %s ${MOVED}
fi
mkdir -m 750 -- "$1"
[ -z "$3" ] || cat >"$1/$3"`;

/** $1 the folder. */
const REMOVE = `[ -e "$1" ] || [ -L "$1" ] || exit 0
${MOVE_AWAY}`;

/**
 * The jobs' working folders on /shared, made by the job user: a job may have changed everything there. What an earlier attempt has left in
 * one is moved away, and removed beside what follows.
 */
export function createJobWorkspace(errands: Errands, log: Logger): JobWorkspace {
  const removals = createRemovals(errands, (error) =>
    log.warn({ reason: reasonOf(error) }, "what earlier jobs have left on /shared is not removed yet"),
  );

  async function run(folder: string, script: JobRequest["script"], unless: string, signal?: AbortSignal) {
    const parent = dirname(folder);
    const parameters = [folder, parent, script?.name ?? "", unless];
    const input = script?.content ?? "";
    const said = await errands.run({
      ...{ script: PREPARE, parameters, input, timeoutMs: TIMEOUT_MS, signal },
      isUrgent: true,
    });
    const answer = said.toString();
    if (answer === MOVED) removals.begin(parent);
    else removals.beginLater(parent);
    return answer;
  }

  return {
    prepare: async (folder, script, signal) => void (await run(folder, script, "", signal)),
    prepareAhead: async (folder, script) => (await run(folder, script, THERE)) !== THERE,
    async remove(folder) {
      await errands.run({ script: REMOVE, parameters: [folder], timeoutMs: TIMEOUT_MS });
      removals.begin(dirname(folder));
    },
  };
}
