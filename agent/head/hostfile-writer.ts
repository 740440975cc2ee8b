import type { Logger } from "pino";
import type { NodeSummary } from "../contract/registry.js";
import { type WaitClock, withinTime } from "../contract/wait.js";
import { reasonOf } from "../errors.js";
import { REST_AFTER_MS } from "../time/resting.js";
import { renderHostfile } from "./hostfile.js";

/** The hostfile for the head's writer: a write replaces it atomically, null removes it. */
export interface HostfilePort {
  readonly path: string;
  read(): Promise<string | null>;
  write(text: string | null): Promise<void>;
}

/** Keeps the hostfile up to date. One write at a time. */
export interface HostfileWriter {
  /**
   * Makes the hostfile list exactly `nodes`, and gives those that it lists afterwards: none when it can't be written, for
   * which it never throws. Bounded. Nothing is written once `isCurrent` is false. `mayBeTouched`: a job runs, which may write there too.
   */
  apply(
    nodes: readonly NodeSummary[],
    isCurrent: () => boolean,
    mayBeTouched: boolean,
  ): Promise<readonly NodeSummary[]>;
}

const WRITE_TIMEOUT_MS = 5_000;
/** How often an unchanged file is checked: a job may have replaced it, or a person. At rest the look's process is much of what a head does. */
const RECHECK_MS = { awake: 10_000, atRest: 60_000 } as const;

export function createHostfileWriter(hostfile: HostfilePort, clock: WaitClock, log: Logger): HostfileWriter {
  let pending: Promise<unknown> | null = null;
  /** When a job last ran, or the file was written. */
  let touchedAtMs = Number.NEGATIVE_INFINITY;
  let seen: { readonly text: string | null; readonly atMs: number } | null = null;

  function isFresh(nowMs: number, atMs: number): boolean {
    const isAtRest = nowMs - touchedAtMs >= REST_AFTER_MS;
    return nowMs - atMs < (isAtRest ? RECHECK_MS.atRest : RECHECK_MS.awake);
  }

  async function write(nodes: readonly NodeSummary[], isCurrent: () => boolean): Promise<void> {
    const text = renderHostfile(nodes);
    const nowMs = clock.monotonicMs();
    if (seen?.text === text && isFresh(nowMs, seen.atMs)) return;
    seen = null;
    // Read before: it also repairs what a head of before wrote too late, or somebody removed. What can't be read (a job may
    // have put it there, too large or shut) is not what we wrote.
    const found = await hostfile.read().catch(() => undefined);
    if (found !== text) {
      if (!isCurrent()) return;
      await hostfile.write(text);
      touchedAtMs = nowMs;
      log.info({ nodes: nodes.length }, text === null ? "hostfile removed" : "hostfile written");
    }
    seen = { text, atMs: nowMs };
  }

  return {
    async apply(nodes, isCurrent, mayBeTouched) {
      if (mayBeTouched) touchedAtMs = clock.monotonicMs();
      try {
        if (pending !== null) throw new Error("the last attempt still hangs");
        const writing = write(nodes, isCurrent).finally(() => {
          pending = null;
        });
        pending = writing;
        await withinTime("its file system", writing, WRITE_TIMEOUT_MS, clock);
        return nodes;
      } catch (error) {
        log.error(
          { reason: reasonOf(error), path: hostfile.path },
          "the hostfile can't be written; trying again",
        );
        return [];
      }
    },
  };
}
