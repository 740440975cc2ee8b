import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createProgress } from "../../../../agent/jobs/progress.js";
import { fakeRegistry } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

/** The progress of a job that this head, of generation 3, has just claimed. */
function claimed() {
  const job: JobItem = { ...queuedJob(), status: "INPROGRESS", phase: "running", leaseGeneration: 3 };
  const table = fakeRegistry(job);
  const clock = manualClock();
  const { registry } = table;
  return {
    job,
    table,
    clock,
    progress: createProgress(job, { registry, clock, log: pino({ level: "silent" }) }),
  };
}

describe("the read of a job that a head drives", () => {
  test("says that it is still ours, and whether a cancel has come, and why", async () => {
    const { job, table, progress } = claimed();
    expect(await progress.read()).toBe(true);
    expect(progress.item()).toMatchObject({ cancelRequested: false });
    const cancelBecause = because("replaced-by-schedule", "replaced by the slot");
    table.set(job.id, { cancelRequested: true, cancelBecause });
    expect(await progress.read()).toBe(true);
    expect(progress.item()).toMatchObject({ cancelRequested: true, cancelBecause });
  });

  test.each<[string, Partial<JobItem>]>([
    ["a newer head has claimed", { leaseGeneration: 4 }],
    ["has ended", { status: "FAILED" }],
  ])("says that a job is not ours any more that %s", async (_name, change) => {
    const { job, table, progress } = claimed();
    table.set(job.id, change);
    expect(await progress.read()).toBe(false);
  });

  test("says that a job is not ours any more that is gone", async () => {
    const { table, clock } = claimed();
    const gone: JobItem = { ...queuedJob("gone"), leaseGeneration: 3 };
    const log = pino({ level: "silent" });
    expect(await createProgress(gone, { registry: table.registry, clock, log }).read()).toBe(false);
  });

  test("is due two seconds after the last, and at once where there is word of the job", async () => {
    const { clock, progress } = claimed();
    clock.advance(1_999);
    expect(progress.isReadDue()).toBe(false);
    clock.advance(1);
    expect(progress.isReadDue()).toBe(true);
    await progress.read();
    expect(progress.isReadDue()).toBe(false);
    progress.readSoon();
    expect(progress.isReadDue()).toBe(true);
  });
});
