import { describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createReadAhead } from "../../../../agent/jobs/read-ahead.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { job, other, registryOf, running } from "../../../support/agent/waiting-jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

describe("the job that is read while another runs", () => {
  const taken = queuedJob("taken");

  /** Once the job that was taken has had its time to start. `begun`: of which jobs the launch was begun. */
  function aheadOf(jobs: readonly JobItem[]) {
    const { reads, registry } = registryOf(...jobs);
    const begun: string[] = [];
    const clock = manualClock();
    const beginLaunch = ({ id }: JobItem) => void begun.push(id);
    return { reads, begun, clock, ...createReadAhead(registry, beginLaunch, clock) };
  }

  test.each<[string, JobItem, boolean]>([
    ["is given where it is next", job, true],
    ["is not given where it is to be cancelled by now", { ...job, cancelRequested: true }, false],
    ["is not given where it runs by now", { ...job, status: "INPROGRESS" }, false],
    ["is not given where another is next", other, false],
  ])("%s", async (_name, next, isGiven) => {
    const ahead = aheadOf([job, other]);
    ahead.expect([{ ...other, status: "INPROGRESS" }, taken, job, other], taken.id);
    ahead.clock.advance(400);
    ahead.begin();
    expect(await ahead.take(next)).toEqual(isGiven ? job : null);
    expect(await ahead.take(next)).toBeNull();
  });

  test("is read once, and none where none waits", async () => {
    const { reads, clock, begin, expect: expectNext } = aheadOf([job]);
    clock.advance(400);
    begin();
    expectNext([running, other], other.id);
    clock.advance(400);
    begin();
    expect(reads).toEqual([]);
    expectNext([other, job], other.id);
    clock.advance(399);
    begin();
    // The ranks of the other one start.
    expect(reads).toEqual([]);
    clock.advance(1);
    begin();
    begin();
    expect(reads).toEqual([job.id]);
  });

  test("is got ready, once", async () => {
    const ahead = aheadOf([job]);
    ahead.expect([taken, job], taken.id);
    ahead.clock.advance(400);
    ahead.begin();
    await new Promise((resolve) => setImmediate(resolve));
    ahead.begin();
    expect(ahead.begun).toEqual([job.id]);
  });

  test("is not got ready any more where the one before it is over first", async () => {
    const ahead = aheadOf([job]);
    ahead.expect([taken, job], taken.id);
    ahead.clock.advance(400);
    ahead.begin();
    expect(await ahead.take(job)).toEqual(job);
    expect(ahead.begun).toEqual([]);
  });

  test("is claimed unread where it can't be read", async () => {
    const ahead = createReadAhead(
      { read: () => Promise.reject(new Error("not a job")) },
      () => {},
      manualClock(),
    );
    ahead.expect([taken, job], taken.id);
    ahead.begin();
    expect(await ahead.take(job)).toBeNull();
  });
});
