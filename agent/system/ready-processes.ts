import type { ChildProcess } from "node:child_process";

/** A process in a group of its own, that waits for what it is to do. */
export interface ReadyProcess {
  readonly child: Pick<ChildProcess, "exitCode" | "signalCode">;
  /** Kills it, and all that it has started. May run twice. */
  empty(): Promise<void>;
}

/** Processes that wait for work. */
export interface ReadyProcesses<T> {
  /** One that waits already, where it is urgent and there is one; otherwise a new one. It is for one piece of work. */
  take(isUrgent: boolean): Promise<T>;
  /** Ends those that wait, and keeps none any more. */
  close(): Promise<void>;
}

/** New ones are started only when nothing has been urgent for so long: a launch needs the processors for itself. */
const QUIET_MS = 1_000;
/** What only the first launch's speed hangs on comes so late: while the agent starts, the processors are for the node to become ready. */
export const AFTER_START_MS = 5_000;

/**
 * Keeps `ready` processes waiting: to start one, with its cgroup, takes five times as long as to use one that waits, for the kernel lets
 * no process change its cgroup before each processor has passed a quiet state. Where a process has ended meanwhile, or the agent could
 * start none, a new one takes its place.
 */
export function createReadyProcesses<T extends ReadyProcess>(
  begin: () => Promise<T>,
  ready: number,
): ReadyProcesses<T> {
  const waiting: Promise<T | null>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function fillSoon(quietMs = QUIET_MS): void {
    if (timer !== null) clearTimeout(timer);
    timer = isClosed || ready === 0 ? null : setTimeout(fill, quietMs).unref();
  }

  function fill(): void {
    while (waiting.length < ready) waiting.push(begin().catch(() => null));
  }

  async function next(): Promise<T | null> {
    const process = (await waiting.shift()) ?? null;
    if (process === null || (process.child.exitCode === null && process.child.signalCode === null))
      return process;
    await process.empty();
    return null;
  }

  fillSoon(AFTER_START_MS);
  return {
    async take(isUrgent) {
      const process = isUrgent ? await next() : null;
      if (isUrgent) fillSoon();
      return process ?? begin();
    },
    async close() {
      isClosed = true;
      fillSoon();
      const left = await Promise.all(waiting.splice(0));
      await Promise.all(left.map((process) => process?.empty()));
    },
  };
}
