import type { FromWorker, Screened } from "./worker-messages.js";

/** What came of the screening of changes by a file's tests, by their numbers. */
export interface Screening {
  readonly noticed: readonly number[];
  /** Those of the noticed with which a test hung. */
  readonly hung: readonly number[];
  /** Those of which it can't be said: the file has to be loaded with each. */
  readonly unclear: readonly number[];
  /** Those that ended the screening before its time: another one, without them, can say more. */
  readonly ended: readonly number[];
  readonly reached: ReadonlySet<number>;
}

/** From what a worker said, in its order. `hasEnded`: the file's tests ended; else the process hung or died. */
export function screeningOf(said: readonly FromWorker[], hasEnded: boolean): Screening {
  const came = new Map<number, Screened["came"]>();
  const reached = new Set<number>();
  const outside = new Set<number>();
  for (const message of said) {
    if (message.kind === "screened") came.set(message.number, message.came);
    if (message.kind !== "reached") continue;
    for (const number of message.numbers) reached.add(number);
    for (const number of message.outside) outside.add(number);
  }
  const those = (what: Screened["came"]) => [...came].filter(([, is]) => is === what).map(([is]) => is);
  const broke = [...those("unclear"), ...those("begun")];
  const hung = those("hung");
  const isWhole = hasEnded && said.every(({ kind }) => kind !== "failed");
  const unclear = isWhole ? [...broke, ...outside] : [...broke, ...outside, ...reached];
  const noticed = [...those("noticed"), ...hung];
  return {
    noticed,
    hung,
    unclear,
    ended: [...broke, ...hung],
    reached: new Set([...reached, ...came.keys()]),
  };
}
