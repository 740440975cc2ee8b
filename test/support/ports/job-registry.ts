import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import { type AttemptItem, attemptOf } from "../../../agent/contract/job-attempt.js";
import { jobSk } from "../../../agent/contract/keys.js";
import { because, NO_REASON } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { LOG_GONE, logReasonOf, NO_LOG_REASON } from "../../../agent/jobs/log-deliveries.js";
import { type AttemptId, isUnreadable, type JobRegistry } from "../../../agent/jobs/ports.js";

/** A job registry, and how the suite puts a job into it. */
export interface JobRegistryUnderTest {
  readonly clusterUuid: string;
  readonly registry: JobRegistry;
  submit(job: JobItem): Promise<unknown>;
  /** The records of a job's attempts. */
  attempts(jobId: string): Promise<readonly AttemptItem[]>;
}

const END = {
  ...because("job-item-unreadable", "it can't be read"),
  endedAt: "2026-01-01T00:00:00Z",
};

/** What every registry of jobs does for a head. `make` gives one of a cluster without jobs. */
export function describeJobRegistry(make: () => JobRegistryUnderTest): void {
  async function submitted({ clusterUuid, submit }: JobRegistryUnderTest, key = "k", day = 1) {
    const at = new Date(Date.UTC(2026, 0, day));
    const job = newJob(clusterUuid, key, { command: ["pi.py"], environment: { A: "1" } }, at);
    await submit(job);
    return job;
  }
  const queued = async ({ registry }: JobRegistryUnderTest) =>
    (await registry.queue()).map((entry) => (isUnreadable(entry) ? entry.key : entry.id));

  describe("a registry of jobs", () => {
    test("queues the oldest first, gives jobs as they were written, and forgets ended ones", async () => {
      const port = make();
      const second = await submitted(port, "second", 2);
      const first = await submitted(port, "first", 1);
      expect(await queued(port)).toEqual([first.id, second.id]);
      const { id, status, phase, submittedAt, leaseGeneration, cancelRequested } = first;
      expect((await port.registry.queue())[0]).toMatchObject({
        ...{ id, status, phase, submittedAt, leaseGeneration, cancelRequested },
      });
      await port.registry.claim(first.id, 1);
      expect(await queued(port)).toEqual([first.id, second.id]);
      await port.registry.update(first.id, 1, { status: "FINISHED", phase: "ended", exitCode: 0 });
      expect(await queued(port)).toEqual([second.id]);
      const ended = { status: "FINISHED", phase: "ended", exitCode: 0, leaseGeneration: 1 };
      expect(await port.registry.read(first.id)).toEqual({ ...first, ...ended });
    });

    test("never lets an older generation take a job from a newer one", async () => {
      const port = make();
      const { id } = await submitted(port);
      await Promise.all([4, 5, 4].map((generation) => port.registry.claim(id, generation)));
      expect((await port.registry.read(id))?.leaseGeneration).toBe(5);
      expect(await port.registry.claim(id, 4)).toBeNull();
      expect(await port.registry.claim(id, 5)).toMatchObject({
        id,
        status: "INPROGRESS",
        leaseGeneration: 5,
      });
    });

    const PLAN = { phase: "launching", attempt: 1, ranks: 4 } as const;

    test("puts a job as claimed and planned, in the queue, unless its key has one", async () => {
      const port = make();
      const { clusterUuid, registry } = port;
      const at = new Date(Date.UTC(2026, 0, 1));
      const job = newJob(clusterUuid, "k", { command: ["pi.py"] }, at);
      const claimed = { ...job, ...PLAN, status: "INPROGRESS", leaseGeneration: 3 };
      const puts = await Promise.all([3, 3, 3].map((head) => registry.submitClaimed(job, head, PLAN)));
      expect(puts.filter((put) => put !== null)).toEqual([claimed]);
      expect(await registry.read(job.id)).toEqual(claimed);
      expect(await queued(port)).toEqual([job.id]);
      await port.submit(job);
      expect(await registry.read(job.id)).toEqual(claimed);
      expect(await registry.update(job.id, 3, { status: "FINISHED", phase: "ended" })).toBe(true);
      expect(await registry.submitClaimed(job, 4, PLAN)).toBeNull();
    });

    test("claims a new job with its plan, once, however many claim at once; never one that a head has begun with", async () => {
      const port = make();
      const { registry } = port;
      const { id } = await submitted(port);
      const claims = await Promise.all([
        registry.claimPlanned(id, 4, PLAN),
        registry.claimPlanned(id, 5, PLAN),
        registry.claimPlanned(id, 4, PLAN),
      ]);
      const won = claims.filter((claim) => claim !== null);
      expect(won).toEqual([expect.objectContaining({ id, ...PLAN, status: "INPROGRESS" })]);
      expect(await registry.read(id)).toEqual(won[0]);
      expect(await registry.claimPlanned(id, 6, PLAN)).toBeNull();
      expect(await registry.claimPlanned("job-none", 6, PLAN)).toBeNull();
    });

    test("lets a newer head adopt what an older one runs, which can write nothing any more", async () => {
      const port = make();
      const { id } = await submitted(port);
      await port.registry.claim(id, 1);
      expect(await port.registry.update(id, 1, { phase: "running", ranks: 4 })).toBe(true);
      expect(await port.registry.claim(id, 2)).toMatchObject({
        phase: "running",
        ranks: 4,
        leaseGeneration: 2,
      });
      expect(await port.registry.update(id, 1, { status: "FAILED", phase: "ended" })).toBe(false);
      expect(await port.registry.read(id)).toMatchObject({ status: "INPROGRESS", phase: "running" });
    });

    test.each(["FINISHED", "FAILED", "CANCELLED"] as const)("a job that is %s is final", async (status) => {
      const port = make();
      const { id } = await submitted(port);
      await port.registry.claim(id, 1);
      await port.registry.update(id, 1, { status, phase: "ended" });
      expect(await port.registry.claim(id, 2)).toBeNull();
      expect(await port.registry.update(id, 1, because("timed-out", "too late"))).toBe(false);
      expect(await port.registry.read(id)).toMatchObject(NO_REASON);
    });

    test("notes the log of a job's last attempt while it is pending, and only then", async () => {
      const port = make();
      const { id } = await submitted(port);
      await port.registry.claim(id, 1);
      const [of, before] = [2, 1].map((attempt) => ({ jobId: id, attempt })) as [AttemptId, AttemptId];
      const pending = { logState: "pending", ...logReasonOf(new Error("503")) } as const;
      const lost = { logState: "lost", ...LOG_GONE } as const;
      await port.registry.noteLog(of, lost);
      expect(await port.registry.read(id)).toMatchObject({ logState: "none" });
      await port.registry.update(id, 1, {
        ...{ status: "FINISHED", phase: "ended", logState: "pending", attempt: 2 },
      });
      await port.registry.noteLog(before, lost);
      await port.registry.noteLog(of, pending);
      expect(await port.registry.read(id)).toMatchObject({ status: "FINISHED", ...pending, log: null });
      const log = { uri: "s3://b/k", bytes: 1, sha256: "00", parts: 1 };
      const delivered = { log, logState: "delivered", ...NO_LOG_REASON } as const;
      await port.registry.noteLog(of, delivered);
      await port.registry.noteLog(of, lost);
      expect(await port.registry.read(id)).toMatchObject({ status: "FINISHED", ...delivered });
    });

    test("makes no job of one that is not there", async () => {
      const { registry, attempts } = make();
      expect(await registry.claim("job-none", 1)).toBeNull();
      expect(await registry.update("job-none", 1, { phase: "running" })).toBe(false);
      expect(
        await registry.noteLog({ jobId: "job-none", attempt: 1 }, { logState: "lost", ...LOG_GONE }),
      ).toBe(false);
      expect(await registry.setAside(jobSk("job-none"), 1, END)).toBe(false);
      expect(await registry.read("job-none")).toBeNull();
      expect(await registry.readAttempt({ jobId: "job-none", attempt: 1 })).toBeNull();
      expect(await attempts("job-none")).toEqual([]);
    });

    test("sets aside what is in the queue, once; never a newer head's, nor what is no job's key", async () => {
      const port = make();
      const { id } = await submitted(port);
      await port.registry.claim(id, 9);
      expect(await port.registry.setAside(jobSk(id), 8, END)).toBe(false);
      expect(await port.registry.setAside("META", 9, END)).toBe(false);
      expect(await port.registry.setAside(jobSk(id), 9, END)).toBe(true);
      expect(await port.registry.setAside(jobSk(id), 9, END)).toBe(false);
      expect(await queued(port)).toEqual([]);
      expect(await port.registry.read(id)).toMatchObject({ status: "FAILED", phase: "ended", ...END });
    });

    /** The record of an attempt that a head of that generation runs. */
    async function launched(port: JobRegistryUnderTest, leaseGeneration: number, attempt = 1) {
      const job = await submitted(port);
      const running = {
        ...({ status: "INPROGRESS", phase: "running", attempt, ranks: 4, leaseGeneration } as const),
        launchedOn: { instanceId: "i-a", address: "10.0.0.1" },
      };
      const record = attemptOf({ ...job, ...running });
      if (record === null) throw new Error("it has no attempt");
      return record;
    }
    const ended = { status: "FAILED", phase: "ended", exitCode: 3, logState: "pending" } as const;

    test("records an attempt as often as it is asked to, and lists a job's in their order", async () => {
      const port = make();
      const [second, first] = [await launched(port, 1, 2), await launched(port, 1, 1)];
      for (const record of [second, first, first])
        expect(await port.registry.recordAttempt(record)).toBeNull();
      expect(await port.attempts(first.jobId)).toEqual([first, second]);
      const next = { ...first, ...ended };
      expect(await port.registry.recordAttempt(next)).toBeNull();
      expect(await port.attempts(first.jobId)).toEqual([next, second]);
    });

    test("never writes an older head's record of an attempt over a newer one's", async () => {
      const port = make();
      const newer = await launched(port, 2);
      await port.registry.recordAttempt(newer);
      expect(await port.registry.recordAttempt({ ...newer, ...ended, leaseGeneration: 1 })).toBeNull();
      expect(await port.attempts(newer.jobId)).toEqual([newer]);
    });

    test.each(["FINISHED", "FAILED", "CANCELLED"] as const)(
      "an attempt that is %s stays so, and says it",
      async (status) => {
        const port = make();
        const record = await launched(port, 1);
        const end = { ...record, ...ended, status };
        await port.registry.recordAttempt(end);
        const later = { ...record, ...because("head-lost", "too late"), leaseGeneration: 2 };
        expect(await port.registry.recordAttempt(later)).toEqual(end);
        expect(await port.registry.recordAttempt(end)).toEqual(end);
        expect(await port.attempts(record.jobId)).toEqual([end]);
      },
    );

    test("notes the log in the attempt's record while it is pending there, and makes none of one that is not there", async () => {
      const port = make();
      const record = await launched(port, 1);
      const of = { jobId: record.jobId, attempt: 1 };
      const log = { uri: "s3://b/k", bytes: 1, sha256: "00", parts: 1 };
      const delivered = { log, logState: "delivered", ...NO_LOG_REASON } as const;
      expect(await port.registry.noteLog(of, delivered)).toBe(false);
      expect(await port.attempts(of.jobId)).toEqual([]);
      await port.registry.recordAttempt(record);
      expect(await port.registry.noteLog(of, delivered)).toBe(false);
      await port.registry.recordAttempt({ ...record, ...ended });
      expect(await port.registry.noteLog(of, delivered)).toBe(true);
      expect(await port.registry.noteLog(of, { logState: "lost", ...LOG_GONE })).toBe(false);
      expect(await port.attempts(of.jobId)).toEqual([{ ...record, ...ended, ...delivered }]);
      expect(await port.registry.readAttempt(of)).toEqual({ ...record, ...ended, ...delivered });
    });
  });
}
