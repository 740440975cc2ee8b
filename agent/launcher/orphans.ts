import type { Logger } from "pino";
import { ORPHANS_PROBE } from "../contract/reasons.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { Launches } from "./launches.js";
import { controlAddress } from "./proxy-argv.js";

/** Asks the agent at `address`, where the launch's mpiexec runs, whether that waits for it; null: not known yet. Rejects when nothing answers. */
export type AskAwaited = (address: string, launchId: string) => Promise<boolean | null>;

/**
 * Keeps a node from the hostfile while it may run what is over: a node that was cut off, or stood still, comes back with the ranks of
 * an attempt that has ended meanwhile.
 */
export interface Orphans {
  /** The failing probe, or none: exact at this moment. */
  failing(): readonly string[];
  /** The node has lost its head, or found one: what runs here may be over. */
  doubt(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface OrphansDeps {
  readonly launches: Pick<Launches, "running" | "end">;
  readonly ask: AskAwaited;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  /** Called when the probe has begun or ceased to fail. */
  onChange(): void;
  readonly log: Logger;
}

const IDLE_MS = 1_000;
/** While something runs. What a killed mpiexec has left ends by itself, or here, before the head hears of it. */
const LOOK_MS = 250;
/**
 * How long a launch may be doubted without an answer. The machine of an mpiexec that hangs keeps its connections open; launch.sh itself
 * waits no longer than this for an agent.
 */
const UNANSWERED_MS = 30_000;

/** A launch that nothing holds, or that is doubted, is asked about until it is waited for, or ended. */
export function createOrphans({ launches, ask, clock, onChange, log }: OrphansDeps): Orphans {
  let doubted: ReadonlySet<string> = new Set();
  let hasFailed = false;
  /** Since when each launch is doubted, or held by nothing. */
  let unsureSince: ReadonlyMap<string, number> = new Map();
  const unsure = () => launches.running().filter(({ id, isHeld }) => !isHeld || doubted.has(id));
  const isFailing = () => unsure().length > 0;

  function noteChange(): void {
    if (isFailing() === hasFailed) return;
    hasFailed = !hasFailed;
    onChange();
  }

  async function lookInto(id: string, argv: readonly string[]): Promise<void> {
    const address = controlAddress(argv);
    const isAwaited = address === null ? null : await ask(address, id).catch(() => null);
    const sinceMs = unsureSince.get(id) ?? clock.monotonicMs();
    if (isAwaited === null && clock.monotonicMs() - sinceMs < UNANSWERED_MS) return;
    doubted = new Set([...doubted].filter((other) => other !== id));
    if (isAwaited) return;
    log.warn({ launchId: id }, "no mpiexec waits for this proxy any more: ending it");
    await launches.end(id);
  }

  const loop = createLoop({
    async step() {
      const nowMs = clock.monotonicMs();
      unsureSince = new Map(unsure().map(({ id }) => [id, unsureSince.get(id) ?? nowMs]));
      for (const { id, argv } of unsure()) await lookInto(id, argv);
      const running = new Set(launches.running().map(({ id }) => id));
      doubted = new Set([...doubted].filter((id) => running.has(id)));
      noteChange();
      return running.size === 0 ? IDLE_MS : LOOK_MS;
    },
    retryMs: IDLE_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "what runs here can't be looked at; trying again"),
    clock,
  });

  return {
    failing: () => (isFailing() ? [ORPHANS_PROBE] : []),
    doubt() {
      doubted = new Set(launches.running().map(({ id }) => id));
      loop.wake();
    },
    start: () => void loop.start(),
    stop: loop.stop,
  };
}
