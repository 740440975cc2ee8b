import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
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
  cancelQueued(job: JobItem, why: Because<JobReasonCode>, at: Date): Promise<boolean>;
  requestCancel(job: JobItem): Promise<boolean>;
  read(job: JobItem): Promise<JobItem | null>;
  /** A head takes the job. */
  claim(job: JobItem): Promise<unknown>;
  /** The ids of the jobs that a head finds in the queue. */
  queue(): Promise<readonly string[]>;
}

const AT = new Date("2026-01-02T00:00:00Z");

/** What every way in does, whether HTTP, a command or Terraform. `make` gives one of a cluster without jobs. */
export function describeSubmissions(make: () => SubmissionsUnderTest): void {
  const jobOf = ({ clusterUuid }: SubmissionsUnderTest, key = "k") =>
    newJob(clusterUuid, key, { command: ["pi.py"] }, new Date("2026-01-01T00:00:00Z"));

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
