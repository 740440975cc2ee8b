import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import {
  type Admission,
  admit,
  type QueuedPlace,
  type RefusalCode,
} from "../../../agent/contract/job-admission.js";
import {
  type Because,
  because,
  CANCELLED_ON_REQUEST,
  type JobReasonCode,
  NO_REASON,
} from "../../../agent/contract/reasons.js";
import type { JobItem } from "../../../agent/contract/registry.js";

/** A way to submit and cancel jobs, and what the suite does beside it. */
export interface SubmissionsUnderTest {
  readonly clusterUuid: string;
  submit(job: JobItem): Promise<boolean>;
  refuse(job: JobItem, why: Because<RefusalCode>, at: Date): Promise<boolean>;
  cancelQueued(job: JobItem, why: Because<JobReasonCode>, at: Date): Promise<boolean>;
  requestCancel(job: JobItem): Promise<boolean>;
  read(job: JobItem): Promise<JobItem | null>;
  /** A head takes the job. */
  claim(job: JobItem): Promise<unknown>;
  /** As the way in sees the queue. */
  places(): Promise<readonly QueuedPlace[]>;
  /** The ids of the jobs that a head finds in the queue. */
  queue(): Promise<readonly string[]>;
}

const AT = new Date("2026-01-02T00:00:00Z");

/** What every way in does, whether HTTP, a command or Terraform. `make` gives one of a cluster without jobs. */
export function describeSubmissions(make: () => SubmissionsUnderTest): void {
  const jobOf = ({ clusterUuid }: SubmissionsUnderTest, key = "k", ifBusy?: "refuse") => {
    const request = { command: ["pi.py"], ...(ifBusy === undefined ? {} : { ifBusy }) };
    return newJob(clusterUuid, key, request, new Date("2026-01-01T00:00:00Z"));
  };
  const admission = (port: SubmissionsUnderTest): Admission => ({
    queue: () => port.places(),
    submit: (job) => port.submit(job),
    refuse: (job, why, at) => port.refuse(job, why, at),
    read: (id) => port.read({ id, clusterUuid: port.clusterUuid } as JobItem),
    wake: async () => null,
  });

  describe("a way to submit jobs", () => {
    test("puts a job once, however often it is asked to, and it is in the queue", async () => {
      const port = make();
      const job = jobOf(port);
      const puts = await Promise.all(Array.from({ length: 4 }, () => port.submit(job)));
      expect(puts.filter(Boolean)).toHaveLength(1);
      expect(await port.submit({ ...job, request: { command: ["e.py"] } })).toBe(false);
      expect(await port.read(job)).toEqual(job);
      expect(await port.queue()).toEqual([job.id]);
    });

    test("makes one job of a hundred submits of one key at once", async () => {
      const port = make();
      const job = jobOf(port);
      const all = await Promise.all(Array.from({ length: 100 }, () => admit(job, admission(port), () => AT)));
      expect(all.filter(({ is }) => is === "new")).toHaveLength(1);
      expect(all.filter(({ is }) => is === "known")).toHaveLength(99);
      expect(await port.queue()).toEqual([job.id]);
    });

    test("sees what is in the queue, with what admission needs of it", async () => {
      const port = make();
      const job = jobOf(port);
      expect(await port.places()).toEqual([]);
      await port.submit(job);
      const { id, status, submittedAt } = job;
      expect(await port.places()).toMatchObject([{ id, status, submittedAt }]);
    });

    test("refuses a job that does not wait, beside another and in a race with it", async () => {
      const port = make();
      const [first, second] = ["a", "b"].map((key) => jobOf(port, key, "refuse"));
      if (first === undefined || second === undefined) throw new Error("two jobs");
      const [early, late] = first.id < second.id ? [first, second] : [second, first];
      expect(await admit(early, admission(port), () => AT)).toMatchObject({ is: "new" });
      expect(await admit(late, admission(port), () => AT)).toMatchObject({ is: "refused", isPut: false });
      expect(await port.read(late)).toBeNull();
      expect(await admit(late, admission(port), () => AT, [])).toMatchObject({ is: "refused", isPut: true });
      expect(await port.read(late)).toMatchObject({
        ...{ status: "FAILED", reasonCode: "cluster-busy", endedAt: AT.toISOString() },
        phaseTimes: { ...late.phaseTimes, ended: AT.toISOString() },
      });
      expect(await port.queue()).toEqual([early.id]);
      await port.claim(early);
      expect(await port.refuse(early, because("cluster-busy", "late"), AT)).toBe(false);
    });

    test("ends a queued job at once, once, and out of the queue", async () => {
      const port = make();
      const job = jobOf(port);
      await port.submit(job);
      expect(await port.requestCancel(job)).toBe(false);
      expect(await port.cancelQueued(job, CANCELLED_ON_REQUEST, AT)).toBe(true);
      expect(await port.cancelQueued(job, because("cancelled-with-definition", "again"), AT)).toBe(false);
      expect(await port.read(job)).toEqual({
        ...job,
        status: "CANCELLED",
        phase: "ended",
        ...CANCELLED_ON_REQUEST,
        endedAt: AT.toISOString(),
        phaseTimes: { ...job.phaseTimes, ended: AT.toISOString() },
      });
      expect(await port.queue()).toEqual([]);
    });

    test("asks the head to end a job that it has taken, as often as wanted", async () => {
      const port = make();
      const job = jobOf(port);
      await port.submit(job);
      await port.claim(job);
      expect(await port.cancelQueued(job, CANCELLED_ON_REQUEST, AT)).toBe(false);
      expect(await port.requestCancel(job)).toBe(true);
      expect(await port.requestCancel(job)).toBe(true);
      expect(await port.read(job)).toMatchObject({
        status: "INPROGRESS",
        cancelRequested: true,
        ...NO_REASON,
      });
      expect(await port.queue()).toEqual([job.id]);
    });

    test("makes no job by cancelling one that is not there", async () => {
      const port = make();
      const job = jobOf(port);
      expect(await port.cancelQueued(job, CANCELLED_ON_REQUEST, AT)).toBe(false);
      expect(await port.requestCancel(job)).toBe(false);
      expect(await port.read(job)).toBeNull();
    });
  });
}
