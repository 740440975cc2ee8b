import { afterEach, describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

const of = (job: JobItem, submittedBy: string): JobItem => ({ ...job, submittedBy });

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let round = 0; round < 5_000; round += 1) {
    if (condition()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it never happened: ${what}`);
}

function started(...jobs: readonly JobItem[]) {
  const fake = fakeWorld(...jobs);
  fake.world.notebooks = ["explore"];
  runner = createJobRunner(fake.deps);
  runner.start();
  return fake;
}

describe("a head whose cluster a notebook has", () => {
  test("runs the notebook's jobs, and others when the notebook is gone", async () => {
    const other = of(queuedJob("a", {}, "2026-01-01T00:00:01Z"), "token:operator");
    const own = of(queuedJob("b", {}, "2026-01-01T00:00:02Z"), "notebook:explore");
    const fake = started(other, own);
    await until(() => fake.table.get(own.id).phase === "running", "the notebook's job runs");
    fake.node.end(own.id, 0);
    await until(() => fake.table.get(own.id).phase === "ended", "it ends");
    expect(fake.table.get(other.id).status).toBe("NEW");
    fake.world.notebooks = [];
    await until(() => fake.table.get(other.id).phase === "running", "the other job runs");
    expect(fake.node.started).toEqual([own.id, other.id]);
  });

  test("ends a job that does not wait, and one that is cancelled", async () => {
    const impatient = of(queuedJob("a", { ifBusy: "refuse" }, "2026-01-01T00:00:01Z"), "token:operator");
    const cancelled = { ...queuedJob("b", {}, "2026-01-01T00:00:02Z"), cancelRequested: true };
    const fake = started(impatient, cancelled);
    await until(() => fake.table.get(cancelled.id).phase === "ended", "both end");
    expect(fake.table.get(impatient.id)).toMatchObject({
      status: "FAILED",
      reasonCode: "cluster-busy",
      reason: expect.stringContaining("notebook explore"),
    });
    expect(fake.table.get(cancelled.id).status).toBe("CANCELLED");
    expect(fake.node.started).toEqual([]);
  });

  test("adopts what runs already, whose ever it is", async () => {
    const left: JobItem = { ...of(queuedJob("a"), "token:operator"), status: "INPROGRESS", phase: "source" };
    const fake = started(left);
    await until(() => fake.table.get(left.id).phase === "running", "it runs on");
  });

  test("starts no job at once that a node offers, but the notebook's own", async () => {
    const fake = started();
    await until(() => runner?.seen().lookedMsAgo !== null, "the queue is looked at");
    expect(await runner?.startNow(of(queuedJob("k"), "token:operator"))).toBeNull();
    const own = of(queuedJob("k"), "notebook:explore");
    expect(await runner?.startNow(own)).toMatchObject({ is: "started" });
    expect(fake.table.get(own.id).status).toBe("INPROGRESS");
  });
});
