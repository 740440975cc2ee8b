import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import { jobSk } from "../../../agent/contract/keys.js";
import { because, NO_REASON } from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { LOG_GONE, logReasonOf, NO_LOG_REASON } from "../../../agent/jobs/log-deliveries.js";
import { isUnreadable, type JobRegistry } from "../../../agent/jobs/ports.js";

/** A job registry, and how the suite puts a job into it. */
export interface JobRegistryUnderTest {
  readonly clusterUuid: string;
  readonly registry: JobRegistry;
  submit(job: JobItem): Promise<unknown>;
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

    test("notes an ended job's log while it is pending, and only then", async () => {
      const port = make();
      const { id } = await submitted(port);
      await port.registry.claim(id, 1);
      const pending = { logState: "pending", ...logReasonOf(new Error("503")) } as const;
      const lost = { logState: "lost", ...LOG_GONE } as const;
      expect(await port.registry.noteLog(id, lost)).toBe(false);
      await port.registry.update(id, 1, { status: "FINISHED", phase: "ended", logState: "pending" });
      expect(await port.registry.noteLog(id, pending)).toBe(true);
      expect(await port.registry.read(id)).toMatchObject({ status: "FINISHED", ...pending, log: null });
      const log = { uri: "s3://b/k", bytes: 1, sha256: "00" };
      const delivered = { log, logState: "delivered", ...NO_LOG_REASON } as const;
      expect(await port.registry.noteLog(id, delivered)).toBe(true);
      expect(await port.registry.noteLog(id, lost)).toBe(false);
      expect(await port.registry.read(id)).toMatchObject({ status: "FINISHED", ...delivered });
    });

    test("makes no job of one that is not there", async () => {
      const { registry } = make();
      expect(await registry.claim("job-none", 1)).toBeNull();
      expect(await registry.update("job-none", 1, { phase: "running" })).toBe(false);
      expect(await registry.noteLog("job-none", { logState: "lost", ...LOG_GONE })).toBe(false);
      expect(await registry.setAside(jobSk("job-none"), 1, END)).toBe(false);
      expect(await registry.read("job-none")).toBeNull();
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
  });
}
