import type { Errands } from "./errands.js";

const TIMEOUT_MS = 60_000;
/** Beside the launch of a job, for an agent's first look for what another one has left. */
const LATER_MS = 10_000;
/** Of TIMEOUT_MS each. What is left then goes on with the next begin. */
const ROUNDS = 30;

/**
 * $1 the folder. What can be removed as it is goes first: so each call that has no time for all of it gets on, where a change of all modes
 * would take that time anew in each. The rest is what a job has shut.
 */
const CLEAN = `cd -- "$1" 2>/dev/null || exit 0
for old in .old.*; do
  [ -e "$old" ] || [ -L "$old" ] || continue
  rm -rf -- "$old" 2>/dev/null && continue
  find "$old" -xdev -type d ! -perm -u=rwx -exec chmod u+rwx {} \\; 2>/dev/null || :
  rm -rf -- "$old"
done`;

/** The removal of what was moved away below a folder to a name that begins with `.old.`: no job waits for it. */
export interface Removals {
  /** Begins it, unless it goes on. Never throws. */
  begin(folder: string): void;
  /** As begin, once a job's launch is over; only at this agent's first call, for what an earlier one has left. */
  beginLater(folder: string): void;
}

/** `onLeft`: something is left for the next begin. */
export function createRemovals(
  errands: Pick<Errands, "run">,
  onLeft: (error: unknown) => void,
  { laterMs = LATER_MS, timeoutMs = TIMEOUT_MS, rounds = ROUNDS } = {},
): Removals {
  let isGoingOn = false;
  let isAskedAgain = false;
  let isFirst = true;

  async function clean(folder: string): Promise<void> {
    for (let round = 1; ; round += 1) {
      const sinceMs = performance.now();
      try {
        await errands.run({ script: CLEAN, parameters: [folder], timeoutMs });
        return;
      } catch (error) {
        // Only one that had no time for all of it may get on.
        if (round === rounds || performance.now() - sinceMs < timeoutMs) throw error;
      }
    }
  }

  function begin(folder: string): void {
    isFirst = false;
    isAskedAgain = isGoingOn;
    if (isGoingOn) return;
    isGoingOn = true;
    void clean(folder)
      .catch(onLeft)
      .finally(() => {
        isGoingOn = false;
        if (isAskedAgain) begin(folder);
      });
  }

  return {
    begin,
    beginLater(folder) {
      if (!isFirst) return;
      isFirst = false;
      setTimeout(() => begin(folder), laterMs).unref();
    },
  };
}
