import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { ReadinessProbe } from "../probes/readiness.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { JupyterApi, JupyterUnit } from "./ports.js";

export interface JupyterDeps {
  readonly unit: JupyterUnit;
  readonly api: JupyterApi;
  /** Whether what it needs is there: it is not started before. Rejects with the reason. */
  mayStart(): Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps JupyterLab running, and knows whether it is of use. */
export interface Jupyter {
  /** `jupyter` and `kernel`. */
  readonly probes: readonly ReadinessProbe[];
  /** Begins. Call once. One that runs already is kept, with its kernels. */
  start(): void;
  /** Stops looking after it; it runs on. */
  stop(): Promise<void>;
}

const LOOK_MS = 5_000;
const RETRY_MS = 2_000;

export function createJupyter({ unit, api, mayStart, clock, log }: JupyterDeps): Jupyter {
  /** The start whose kernel has answered. */
  let proven: string | null = null;
  /** The agent waits for the first look of each probe before it listens: a kernel would keep it for too long. */
  let hasBegun = false;

  const loop = createLoop({
    async step() {
      if ((await unit.state()).isRunning) return LOOK_MS;
      await mayStart();
      log.info({}, "starting JupyterLab");
      await unit.start();
      return LOOK_MS;
    },
    retryMs: RETRY_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "JupyterLab can't be started; trying again"),
    clock,
  });

  /** A kernel is started for each start of JupyterLab, and no more: a person's kernels need the memory. */
  async function checkKernel(): Promise<void> {
    if (!hasBegun) throw new Error("the agent has just been started");
    const { invocation, isRunning } = await unit.state();
    if (!isRunning || invocation === null) throw new Error("JupyterLab does not run");
    if (invocation === proven) return;
    await api.tryKernel();
    proven = invocation;
  }

  return {
    probes: [
      { name: "jupyter", timeoutMs: 6_000, intervalMs: 10_000, check: () => api.check() },
      { name: "kernel", timeoutMs: 130_000, intervalMs: 15_000, check: checkKernel },
    ],
    start() {
      hasBegun = true;
      void loop.start();
    },
    stop: loop.stop,
  };
}
