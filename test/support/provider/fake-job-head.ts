import { setTimeout as sleep } from "node:timers/promises";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { because, CANCELLED_ON_REQUEST, NO_REASON } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import type { ClusterJobs } from "./org-jobs.js";

/** Plays the head node's part in jobs: claims what waits, ends it as `outcome` says, cancels what it is asked to. */
export interface FakeJobHead {
  /** "run": what is claimed runs on until this changes, or it is cancelled. */
  outcome: "finish" | "fail" | "run";
  /** Whether it brings the logs of what has ended to the bucket; it says so, but there is no bucket. */
  deliversLogs: boolean;
  /** Whether it lives: without it nothing is claimed or ended, and the lease is not renewed. */
  alive: boolean;
  stop(): Promise<void>;
}

const EVERY_MS = 50;
/** Far more than a beat takes on a busy machine: who misses three of it counts as dead. */
const LEASE_TTL_MS = 5_000;
const ENDS = {
  finish: { status: "FINISHED", exitCode: 0, ...NO_REASON, lastLines: ["pi is 3.14"] },
  fail: {
    status: "FAILED",
    exitCode: 3,
    ...because("mpiexec-failed", "mpiexec exited with code 3"),
    lastLines: ["Traceback:", "ValueError: größe"],
  },
  cancel: { status: "CANCELLED", exitCode: null, ...CANCELLED_ON_REQUEST, lastLines: [] },
} as const;

/** Watches one cluster's jobs. */
export function startFakeJobHead(jobs: ClusterJobs): FakeJobHead {
  let stopped = false;
  let renewal = 0;
  const head: FakeJobHead = {
    outcome: "finish",
    deliversLogs: true,
    alive: true,
    stop: async () => undefined,
  };

  async function step(job: JobItem): Promise<void> {
    const at = new Date().toISOString();
    if (job.status === "NEW") {
      await jobs.change(job, {
        ...({
          status: "INPROGRESS",
          phase: "running",
          attempt: 1,
          startedAt: at,
          leaseGeneration: 1,
        } as const),
        launchedOn: { instanceId: "i-1", address: "10.0.0.1" },
      });
      return;
    }
    const end = job.cancelRequested ? "cancel" : head.outcome;
    if (end === "run") return;
    const delivered = { uri: `s3://logs/${job.id}/manifest.json`, bytes: 1, sha256: "00", parts: 1 };
    const log = head.deliversLogs ? delivered : null;
    await jobs.change(job, {
      ...ENDS[end],
      lastLines: [...ENDS[end].lastLines],
      phase: "ended",
      endedAt: at,
      log,
      ...(head.deliversLogs
        ? { logState: "delivered" as const }
        : { logState: "lost" as const, logReason: "its output is gone" }),
    });
  }

  async function beat(): Promise<void> {
    if (!head.alive) return;
    renewal += 1;
    await jobs.renewLease({ generation: 1, renewal, ttlMs: LEASE_TTL_MS });
    const all = await jobs.list();
    for (const job of all.filter(({ status }) => !isJobEnded(status))) await step(job);
  }

  const running = (async () => {
    while (!stopped) {
      // A write that came too late is refused; the next beat looks again.
      await beat().catch(() => undefined);
      await sleep(EVERY_MS);
    }
  })();
  head.stop = async () => {
    stopped = true;
    await running;
  };
  return head;
}
