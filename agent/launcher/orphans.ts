import type { Logger } from "pino";
import { ORPHANS_PROBE } from "../contract/reasons.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { Launches } from "./launches.js";
import { controlAddress } from "./proxy-argv.js";

/**
 * Asks the agent at `address`, where the launch's mpiexec runs, whether that waits for it. "unknown": not known yet, or its agent is being
 * restarted; "silent": the machine gives no sign. Bounded; never rejects.
 */
export type AskAwaited = (address: string, launchId: string) => Promise<boolean | "unknown" | "silent">;

/**
 * Keeps a node from the hostfile while it may run what is over: a node that was cut off, or stood still, comes back with the ranks of
 * an attempt that has ended meanwhile.
 */
export interface Orphans {
  /** The failing probe, or none: exact at this moment. */
  failing(): readonly string[];
  /** Whether anything of a launch runs here. */
  isAnyRunning(): boolean;
  /** The node has lost its head, or found one: what runs here may be over. */
  doubt(): void;
  /**
   * The machine at `address` has given no sign since `sinceMs`: what waits there for something here may be gone with it. Most of the time it
   * is only slow, so that is asked, and no probe fails for it. Cheap; call it again as long as it is so.
   */
  suspect(address: string, sinceMs: number): void;
  start(): void;
  stop(): Promise<void>;
}

export interface OrphansDeps {
  readonly launches: Pick<Launches, "running" | "end" | "onBegin">;
  readonly ask: AskAwaited;
  readonly clock: Pick<Clock, "sleep" | "monotonicMs">;
  /** Called when the probe has begun or ceased to fail. */
  onChange(): void;
  /** Called when something begins to run here. */
  onRunning(): void;
  readonly log: Logger;
}

/** While nothing runs: the beginning of a launch ends the pause. */
const IDLE_MS = 30_000;
const RETRY_MS = 1_000;
/** While something runs. What a killed mpiexec has left ends by itself, or here, before the head hears of it. */
const LOOK_MS = 250;
/** How long a launch may be doubted without an answer: launch.sh itself waits no longer than this for an agent. */
const UNANSWERED_MS = 30_000;
/**
 * How long the machine of the mpiexec may give no sign: it is lost, or this node is cut off. The head takes a node for lost as soon, and
 * what runs here must not outlive the attempt that another head begins.
 */
const SILENT_MS = 4_000;
/** One question may be lost, or be late because this node itself stood still. */
const SILENT_ASKS = 2;

type Answer = Awaited<ReturnType<AskAwaited>>;
/** `asked`: so many questions in a row. */
interface Silence {
  readonly sinceMs: number;
  readonly asked: number;
}

/** Whether it is still open what becomes of a launch. */
const isOpen = (answer: Answer, silentMs: number, unsureMs: number): boolean =>
  typeof answer !== "boolean" && silentMs < SILENT_MS && unsureMs < UNANSWERED_MS;

/** A launch that nothing holds, or that is doubted, is asked about until it is waited for, or ended. */
export function createOrphans({ launches, ask, clock, onChange, onRunning, log }: OrphansDeps): Orphans {
  let doubted: ReadonlySet<string> = new Set();
  let hasFailed = false;
  /** Since when each launch is doubted, or held by nothing. */
  let unsureSince: ReadonlyMap<string, number> = new Map();
  const silences = new Map<string, Silence>();
  let suspected: { readonly address: string; readonly sinceMs: number } | null = null;
  const unsure = () => launches.running().filter(({ id, isHeld }) => !isHeld || doubted.has(id));
  const isSuspected = (argv: readonly string[]) =>
    suspected !== null && controlAddress(argv) === suspected.address;
  const isFailing = () => unsure().length > 0;

  const isAnyRunning = () => launches.running().length > 0;

  function noteChange(): void {
    const hadFailed = hasFailed;
    hasFailed = isFailing();
    if (hasFailed !== hadFailed) onChange();
  }

  /** How long the machine has given no sign by now: 0 where it has just given one. */
  function silenceAfter(id: string, answer: Answer, fromMs: number): number {
    if (answer !== "silent") {
      silences.delete(id);
      return 0;
    }
    const { sinceMs, asked } = silences.get(id) ?? { sinceMs: fromMs, asked: 0 };
    silences.set(id, { sinceMs, asked: asked + 1 });
    return asked + 1 < SILENT_ASKS ? 0 : clock.monotonicMs() - sinceMs;
  }

  async function lookInto(id: string, argv: readonly string[]): Promise<void> {
    const address = controlAddress(argv);
    const askedAtMs = clock.monotonicMs();
    const answer = address === null ? "unknown" : await ask(address, id);
    const unsureMs = clock.monotonicMs() - (unsureSince.get(id) ?? askedAtMs);
    if (isOpen(answer, silenceAfter(id, answer, askedAtMs), unsureMs)) return;
    doubted = new Set([...doubted].filter((other) => other !== id));
    silences.delete(id);
    if (answer === true) return;
    log.warn({ launchId: id }, "no mpiexec waits for this proxy any more: ending it");
    await launches.end(id);
  }

  /** A launch that is held, and whose mpiexec's machine is suspected. Any sign of that clears it. */
  async function lookIntoSuspected(id: string): Promise<void> {
    if (suspected === null) return;
    const { address, sinceMs } = suspected;
    const answer = await ask(address, id);
    const silentMs = silenceAfter(id, answer, sinceMs);
    if (answer === "silent" && silentMs < SILENT_MS) return;
    silences.delete(id);
    if (answer !== "silent") suspected = null;
    if (answer === true || answer === "unknown") return;
    log.warn({ launchId: id, address }, "the machine of this proxy's mpiexec gives no sign: ending it");
    await launches.end(id);
  }

  const loop = createLoop({
    async step() {
      const nowMs = clock.monotonicMs();
      unsureSince = new Map(unsure().map(({ id }) => [id, unsureSince.get(id) ?? nowMs]));
      for (const { id, argv } of unsure()) await lookInto(id, argv);
      const held = launches.running().filter(({ id, argv }) => !unsureSince.has(id) && isSuspected(argv));
      for (const { id } of held) await lookIntoSuspected(id);
      const asked = new Set([...unsureSince.keys(), ...held.map(({ id }) => id)]);
      for (const id of silences.keys()) if (!asked.has(id)) silences.delete(id);
      const running = new Set(launches.running().map(({ id }) => id));
      doubted = new Set([...doubted].filter((id) => running.has(id)));
      noteChange();
      return running.size === 0 ? IDLE_MS : LOOK_MS;
    },
    retryMs: RETRY_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "what runs here can't be looked at; trying again"),
    clock,
  });

  return {
    failing: () => (isFailing() ? [ORPHANS_PROBE] : []),
    isAnyRunning,
    doubt() {
      doubted = new Set(launches.running().map(({ id }) => id));
      loop.wake();
    },
    suspect(address, sinceMs) {
      suspected = { address, sinceMs };
      loop.wake();
    },
    start() {
      launches.onBegin(() => {
        loop.wake();
        onRunning();
      });
      void loop.start();
    },
    stop: loop.stop,
  };
}
