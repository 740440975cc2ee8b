import { describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createPreparation } from "../../../../agent/jobs/preparation.js";
import { createProgress } from "../../../../agent/jobs/progress.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

/** A claimed job at its source, whose folder is made once `finish` is called. */
function atItsSource() {
  const job: JobItem = {
    ...queuedJob(),
    ...{ status: "INPROGRESS", phase: "source", attempt: 1, leaseGeneration: 1 },
  };
  const fake = fakeWorld(job);
  const progress = createProgress(job, fake.deps);
  let finish = () => {};
  fake.deps.workspace.prepare = () => new Promise((resolve) => (finish = resolve));
  const preparation = createPreparation(progress, { ...fake.deps, onWake: () => {} });
  return { fake, clock: fake.deps.clock, progress, preparation, finish: () => finish() };
}

describe("a registry that does not answer", () => {
  test("keeps nothing from the end of a step that goes on", async () => {
    const { fake, progress, preparation, finish } = atItsSource();
    expect(await preparation.look("source")).toEqual([]);
    fake.table.faults.isDown = true;
    progress.readSoon();
    expect(await preparation.look("source")).toEqual([]);
    finish();
    progress.readSoon();
    expect(await preparation.look("source")).toMatchObject([{ event: { type: "prepared" } }]);
  });

  test("keeps a step from beginning: the job may have been cancelled", async () => {
    const { fake, progress, preparation } = atItsSource();
    fake.table.faults.isDown = true;
    progress.readSoon();
    await expect(preparation.look("source")).rejects.toThrow("the table is throttled");
    expect(preparation.isQuiet()).toBe(true);
  });
});

describe("a step that fails", () => {
  test("is tried again twice; then the attempt fails for it", async () => {
    const { fake, preparation } = atItsSource();
    fake.deps.workspace.prepare = async () => {
      throw new Error("EIO");
    };
    expect(await preparation.look("source")).toBe("pause");
    expect(await preparation.look("source")).toBe("pause");
    const why = { reasonCode: "source-failed", reason: "source failed: EIO" };
    expect(await preparation.look("source")).toEqual([{ event: { type: "failed", why } }]);
  });
});

test("a step has its whole time, and no moment more", async () => {
  const { clock, preparation } = atItsSource();
  await clock.sleep(10_000);
  const beganMs = clock.monotonicMs();
  const sleepUntil = (ms: number) => clock.sleep(beganMs + ms - clock.monotonicMs());
  expect(await preparation.look("source")).toEqual([]);
  await sleepUntil(3_599_000);
  expect(await preparation.look("source")).toEqual([]);
  await sleepUntil(3_600_000);
  expect(await preparation.look("source")).toMatchObject([
    { event: { why: { reasonCode: "source-failed" } } },
  ]);
});
