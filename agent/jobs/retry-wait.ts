import type { Logger } from "pino";
import { because } from "../contract/reasons.js";
import type { AttemptEvent } from "./attempt.js";
import { jobTimeOut } from "./limits.js";
import type { HeadView, JobHost } from "./ports.js";
import type { Progress } from "./progress.js";
import { hasRoom } from "./retry-policy.js";

/** How long after its time the next attempt waits for nodes, and for the proof that nothing runs of the one before. */
const PATIENCE_MS = 600_000;

export interface RetryWaitDeps {
  /** Where the attempt before was started. */
  readonly host: JobHost;
  readonly head: Pick<HeadView, "hostfileNow" | "handsOver">;
  /** Whether nothing goes on any more of what the attempt before prepared. */
  isQuiet(): boolean;
  readonly clock: { now(): Date };
  readonly log: Logger;
}

/** The wait between two attempts. */
export interface RetryWait {
  /** One look: what happened, or null: it waits on. Throws when a node's answer is none. */
  look(): Promise<AttemptEvent | null>;
}

/**
 * Waits for the time of the job's next attempt, and for what it needs: nodes with its cores, and the proof that no process of the
 * attempt before is left where it was started. Without the proof there is no next attempt.
 */
export function createRetryWait(progress: Progress, deps: RetryWaitDeps): RetryWait {
  const { host, head, clock } = deps;
  const { id: jobId } = progress.item();
  let hasProof = false;
  let said: string | null = null;

  /** Says what it waits for, once. */
  function waitsFor(what: string): null {
    if (what !== said) deps.log.info({ jobId }, `the next attempt waits for ${what}`);
    said = what;
    return null;
  }

  /** A node that is silent for long counts as gone. What runs there yet is ended, again at each look. */
  async function prove(): Promise<void> {
    if (hasProof || !deps.isQuiet()) return;
    hasProof = (await host.observe(jobId)) !== "running";
    if (hasProof) await host.forget(jobId);
    else await host.signal(jobId, "SIGKILL");
  }

  return {
    async look() {
      const item = progress.item();
      if (item.cancelRequested) return { type: "cancelRequested" };
      const timeOut = jobTimeOut(item, clock.now());
      if (timeOut !== null) return timeOut;
      await prove();
      const lateMs = clock.now().getTime() - (Date.parse(item.retryAt ?? "") || 0);
      const isPatient = lateMs < PATIENCE_MS;
      if (hasProof) {
        if (lateMs < 0) return waitsFor("its time");
        // An mpiexec that is started here would end with this node.
        if (head.handsOver()) return waitsFor("another head");
        const mayBegin = hasRoom(item.request, head.hostfileNow()) || !isPatient;
        return mayBegin ? { type: "due" } : waitsFor("nodes with room for its processes");
      }
      if (isPatient) return waitsFor("the processes of the last one to end");
      const reason = `${item.reason}; not tried again, for its processes on ${item.launchedOn?.address} did not end`;
      return { type: "failed", why: because(item.reasonCode ?? "node-lost", reason) };
    },
  };
}
