import type { Logger } from "pino";
import type { NodeSummary } from "../contract/registry.js";
import { type WaitClock, withinTime } from "../contract/wait.js";
import { reasonOf } from "../errors.js";
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
   * which it never throws. Bounded. Nothing is written once `isCurrent` is false.
   */
  apply(nodes: readonly NodeSummary[], isCurrent: () => boolean): Promise<readonly NodeSummary[]>;
}

const WRITE_TIMEOUT_MS = 5_000;
/** How often an unchanged file is checked: a job may have replaced it. */
const RECHECK_MS = 10_000;

export function createHostfileWriter(hostfile: HostfilePort, clock: WaitClock, log: Logger): HostfileWriter {
  let pending: Promise<unknown> | null = null;
  let seen: { readonly text: string | null; readonly atMs: number } | null = null;

  async function write(nodes: readonly NodeSummary[], isCurrent: () => boolean): Promise<void> {
    const text = renderHostfile(nodes);
    const nowMs = clock.monotonicMs();
    if (seen?.text === text && nowMs - seen.atMs < RECHECK_MS) return;
    seen = null;
    // Read before: it also repairs what a head of before wrote too late, or somebody removed. What can't be read (a job may
    // have put it there, too large or shut) is not what we wrote.
    const found = await hostfile.read().catch(() => undefined);
    if (found !== text) {
      if (!isCurrent()) return;
      await hostfile.write(text);
      log.info({ nodes: nodes.length }, text === null ? "hostfile removed" : "hostfile written");
    }
    seen = { text, atMs: nowMs };
  }

  return {
    async apply(nodes, isCurrent) {
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
