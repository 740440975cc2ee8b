import type { Logger } from "pino";
import { isJobEnded } from "../contract/job-state.js";
import type { JobItem, LaunchNode } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import type { JobProcesses, JobRegistry } from "./ports.js";

/** Whether a job's processes on this node are strays: the job has ended or is gone, its attempt is over, or was started elsewhere. Pure. */
export function isStray(
  item: Pick<JobItem, "status" | "phase" | "launchedOn"> | null,
  self: LaunchNode,
): boolean {
  if (item === null || isJobEnded(item.status)) return true;
  if (item.phase === "delivering" || item.phase === "retrying") return true;
  return item.launchedOn?.instanceId !== self.instanceId;
}

/**
 * The processes on this node of jobs that it does not drive. What another head looks after runs on. What is over is ended: a head may
 * have concluded a job while it could not reach this node.
 */
export interface Strays {
  /** Looks, where it is time to. `driven`: the jobs that this node drives itself. Never throws. */
  look(driven: readonly string[]): Promise<void>;
  /** When the next look is due, on the monotonic clock. */
  dueMs(): number;
  /** What the registry said may be so no more: the node has lost its head, or found one. */
  doubt(): void;
  /** This node drives the job no more, and its processes may run on. */
  left(jobId: string): void;
  /** The jobs that have processes here, of which the registry has not said that they are to. */
  unclear(): readonly string[];
}

export interface StraysDeps {
  readonly registry: Pick<JobRegistry, "read">;
  readonly processes: Pick<JobProcesses, "ids" | "signal" | "forget">;
  readonly self: LaunchNode;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly log: Logger;
}

/** How often it looks; the longer where nothing was there, for only this agent starts it here. */
const LOOK_MS = { some: 5_000, none: 60_000 } as const;

/** Makes it; the first look is due at once. */
export function createStrays({ registry, processes, self, clock, log }: StraysDeps): Strays {
  let here = new Set<string>();
  let cleared = new Set<string>();
  let dueMs = Number.NEGATIVE_INFINITY;
  const unclear = () => [...here].filter((id) => !cleared.has(id));

  async function lookInto(jobId: string): Promise<void> {
    const asOf = cleared;
    if (!isStray(await registry.read(jobId), self)) return void asOf.add(jobId);
    log.warn({ jobId }, "a job that is over still runs here: ending it");
    await processes.signal(jobId, "SIGKILL");
    await processes.forget(jobId);
    here.delete(jobId);
  }

  async function lookHere(driven: readonly string[]): Promise<boolean> {
    const ids = await processes.ids();
    here = new Set(ids.filter((id) => !driven.includes(id)));
    for (const jobId of [...here]) await lookInto(jobId);
    return ids.length > 0;
  }

  return {
    async look(driven) {
      if (clock.monotonicMs() < dueMs) return;
      dueMs = Number.POSITIVE_INFINITY;
      const isAny = await lookHere(driven).catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, "jobs: can't look for what is over; trying again");
        return true;
      });
      dueMs = Math.min(dueMs, clock.monotonicMs() + LOOK_MS[isAny ? "some" : "none"]);
    },
    dueMs: () => dueMs,
    doubt() {
      cleared = new Set();
      dueMs = Number.NEGATIVE_INFINITY;
    },
    left(jobId) {
      here.add(jobId);
      cleared.delete(jobId);
      dueMs = Number.NEGATIVE_INFINITY;
    },
    unclear,
  };
}
