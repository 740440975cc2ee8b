import { reasonOf } from "../errors.js";
import type { SharedToken } from "../jobs/look-files.js";
import type { NodeFacts } from "../jobs/node-facts.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 2_000;
const MAX_TOKEN_BYTES = 64;

/** `-C`: what is there already, as a job may have put it, is no new file. */
const WRITE = `set -C
[ -w "\${1%/*}" ] && [ -x "\${1%/*}" ] || chmod u+rwx -- "\${1%/*}" 2>/dev/null || :
printf '%s' "$2" >"$1"`;
const REMOVE = `rm -f -- "$1"`;
/** A look takes at most minutes, with a thousand nodes. */
const SWEEP = `find "$1" -maxdepth 1 -name '.muster-preflight.*' -type f -mmin +10 -delete`;
const SWEEP_TIMEOUT_MS = 60_000;
/** By the shell alone: a program more delays each launch, on each node. What is no token ends with the line, or with the time. */
const READ = `token=
{ IFS= read -r token || :; } <"$1"
printf '%.${MAX_TOKEN_BYTES}s' "$token"`;

/**
 * Files of the preflight in `folder`, which jobs may write: by errands, so as the job user. A name is used once, since a node may remember
 * for a while that a name was not there.
 */
export function createSharedToken(
  errands: Errands,
  folder: string,
): SharedToken & { read(nonce: string): Promise<NodeFacts["shared"]> } {
  const pathOf = (nonce: string) => `${folder}/.muster-preflight.${nonce}`;
  const run = (script: string, parameters: readonly string[], isUrgent = true) =>
    errands.run({ script, parameters, timeoutMs: TIMEOUT_MS, isUrgent });
  return {
    write: async (nonce, token) => void (await run(WRITE, [pathOf(nonce), token])),
    remove: async (nonce) => void (await run(REMOVE, [pathOf(nonce)], false)),
    sweep: async () =>
      void (await errands.run({ script: SWEEP, parameters: [folder], timeoutMs: SWEEP_TIMEOUT_MS })),
    async read(nonce) {
      try {
        return { token: (await run(READ, [pathOf(nonce)])).toString("latin1"), problem: null };
      } catch (error) {
        return { token: null, problem: reasonOf(error).slice(0, 500) };
      }
    },
  };
}
