import type { Logger } from "pino";
import { withinTime } from "../contract/wait.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";

/** A readiness probe. Its name is public: /readyz, META and every reason show it. */
export interface ReadinessProbe {
  readonly name: string;
  readonly timeoutMs: number;
  /** When to look again after it passed; null = once passed, always passed. */
  readonly intervalMs: number | null;
  /** Rejects with the reason, in one line. */
  check(signal: AbortSignal): Promise<void>;
}

/** The results of the probes. */
export interface Readiness {
  /** Runs every probe once, then keeps watching until stop. Resolves after the first round, bounded by the longest timeout. */
  start(): Promise<void>;
  /** Names of the probes that fail, in the order of the list. Before the first result a probe fails. */
  failing(): readonly string[];
  /** The same with what each says. */
  failures(): readonly { readonly name: string; readonly reason: string }[];
  stop(): void;
}

const RETRY_MS = 1_000;

/** `onChange` is called whenever a probe starts or stops failing. */
export function createReadiness(
  probes: readonly ReadinessProbe[],
  clock: Clock,
  log: Logger,
  onChange: () => void,
): Readiness {
  const stopping = new AbortController();
  const failures = new Map<string, string>(probes.map(({ name }) => [name, "not run yet"]));
  const unsettled = new Map<string, Promise<unknown>>();

  function record(name: string, failure: string | null): void {
    const before = failures.get(name) ?? null;
    if (failure === null) failures.delete(name);
    else failures.set(name, failure);
    if (before === failure || stopping.signal.aborted) return;
    if (failure === null) log.info({ probe: name }, "readiness probe passes");
    else log.warn({ probe: name, reason: failure }, "readiness probe fails");
    onChange();
  }

  /** Gives up waiting after the timeout; a check that still hangs then (a dead file system) stays in `unsettled`. */
  async function look(probe: ReadinessProbe): Promise<void> {
    const check = probe.check(AbortSignal.timeout(probe.timeoutMs));
    unsettled.set(probe.name, Promise.allSettled([check]));
    try {
      await withinTime("the check", check, probe.timeoutMs, clock);
      record(probe.name, null);
    } catch (error) {
      record(probe.name, reasonOf(error));
    }
  }

  async function watch(probe: ReadinessProbe): Promise<void> {
    while (!stopping.signal.aborted) {
      const isFailing = failures.has(probe.name);
      if (!isFailing && probe.intervalMs === null) return;
      // Never two checks of one probe at once: hanging ones would pile up and use up the thread pool.
      await unsettled.get(probe.name);
      const pauseMs = isFailing ? RETRY_MS : (probe.intervalMs ?? RETRY_MS);
      await clock.sleep(clock.inStep?.(pauseMs) ?? pauseMs, stopping.signal);
      if (!stopping.signal.aborted) await look(probe);
    }
  }

  return {
    async start() {
      await Promise.all(probes.map(look));
      for (const probe of probes) void watch(probe);
    },
    failing: () => probes.map(({ name }) => name).filter((name) => failures.has(name)),
    failures: () =>
      probes.flatMap(({ name }) => {
        const reason = failures.get(name);
        return reason === undefined ? [] : [{ name, reason }];
      }),
    stop: () => stopping.abort(),
  };
}
