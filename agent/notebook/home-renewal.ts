import pMap from "p-map";
import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";

export interface HomeRenewalDeps {
  /** The addresses of the cluster's nodes, by its hostfile. */
  hosts(): Promise<readonly string[]>;
  /** Asks the agent of a node to have the home mounted. Bounded; rejects where it is not. */
  ask(address: string): Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps the notebook's home on all nodes of its cluster. */
export interface HomeRenewal {
  /** Now, on every node that was not asked just before. Rejects with the first that has it not. */
  renewAll(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/** A fifth of a lease. */
const RENEW_MS = 60_000;
/** So soon a node that has just come gets it. */
const LOOK_MS = 15_000;
const ASKS_AT_ONCE = 16;

export function createHomeRenewal({ hosts, ask, clock, log }: HomeRenewalDeps): HomeRenewal {
  let askedAtMs: ReadonlyMap<string, number> = new Map();

  /** The problems of those that were asked, by address. */
  async function renew(): Promise<ReadonlyMap<string, string>> {
    const addresses = await hosts();
    const known = new Set(addresses);
    const asked = new Map([...askedAtMs].filter(([address]) => known.has(address)));
    const isDue = (address: string) =>
      clock.monotonicMs() - (asked.get(address) ?? Number.NEGATIVE_INFINITY) >= RENEW_MS;
    const problems = new Map<string, string>();
    await pMap(
      addresses.filter(isDue),
      async (address) => {
        const atMs = clock.monotonicMs();
        await ask(address).then(
          () => void asked.set(address, atMs),
          (error: unknown) => void problems.set(address, reasonOf(error)),
        );
      },
      { concurrency: ASKS_AT_ONCE },
    );
    askedAtMs = asked;
    return problems;
  }

  const problemIn = (problems: ReadonlyMap<string, string>): Error | null => {
    const [first] = problems;
    if (first === undefined) return null;
    const others = problems.size === 1 ? "" : `, and ${problems.size - 1} more`;
    return new Error(`the home is not mounted on ${first[0]} (${first[1]})${others}`);
  };

  const loop = createLoop({
    async step() {
      const problem = problemIn(await renew());
      if (problem !== null) throw problem;
      return LOOK_MS;
    },
    retryMs: LOOK_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "the home is not on all nodes; trying again"),
    clock,
  });

  return {
    async renewAll() {
      const problem = problemIn(await renew());
      if (problem !== null) throw problem;
    },
    start: () => void loop.start(),
    stop: loop.stop,
  };
}
