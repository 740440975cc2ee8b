import { afterEach, describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createNotebookGate } from "../../../../agent/jobs/notebook-gate.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld, recordsOf } from "../../../support/agent/fake-jobs.js";
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

  test("launches the notebook's job as itself where a nudge named another, which has to wait", async () => {
    const other = of(queuedJob("a", { processes: 1 }, "2026-01-01T00:00:01Z"), "token:operator");
    const own = of(queuedJob("b", { processes: 3 }, "2026-01-01T00:00:02Z"), "notebook:explore");
    const fake = fakeWorld(other, own);
    fake.world.notebooks = ["explore"];
    let isSubmitted = false;
    const queue = async () => (isSubmitted ? fake.deps.registry.queue() : []);
    runner = createJobRunner({ ...fake.deps, registry: { ...fake.deps.registry, queue } });
    runner.start();
    await until(() => runner?.seen().lookedMsAgo !== null, "the queue is found empty");
    isSubmitted = true;
    runner.nudge({ jobId: other.id });
    await until(() => fake.table.get(own.id).phase === "running", "the notebook's job runs");
    const { ranks, logPrefix } = fake.table.get(own.id);
    expect({ ranks, logPrefix, gotReady: fake.node.gotReady }).toEqual({
      ranks: 3,
      logPrefix: `s3://logs/${recordsOf(own.id)}/`,
      gotReady: [],
    });
    expect(fake.table.get(other.id).status).toBe("NEW");
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

describe("the gate of a cluster that a notebook has", () => {
  /** A gate over these jobs; `read` has the ids that it reads. */
  function gateOver(jobs: readonly JobItem[]) {
    const read: string[] = [];
    const head = { notebooks: ["explore"] };
    const gate = createNotebookGate({
      head: { boundBy: () => head.notebooks },
      registry: {
        async read(id) {
          read.push(id);
          return jobs.find((job) => job.id === id) ?? null;
        },
      },
    });
    const admitted = async () => (await gate.admitted(jobs)).map(({ id }) => id);
    return { ...{ gate, read, head, admitted } };
  }
  const nth = (n: number, submittedBy: string, more: Partial<JobItem> = {}): JobItem => ({
    ...of(queuedJob(`j${n}`), submittedBy),
    ...{ id: `j${n}`, ...more },
  });

  test("reads each job that waits once, and none that runs or is to be cancelled", async () => {
    const jobs = [
      nth(1, "token:operator"),
      nth(2, "notebook:explore"),
      nth(3, "token:operator", { status: "INPROGRESS" }),
      nth(4, "token:operator", { cancelRequested: true }),
    ];
    const { read, admitted } = gateOver(jobs);
    for (let look = 0; look < 2; look += 1) expect(await admitted()).toEqual(["j2", "j3", "j4"]);
    expect(read).toEqual(["j1", "j2"]);
  });

  test("reads sixteen at a look, and the others at the next", async () => {
    const jobs = Array.from({ length: 18 }, (_, n) => nth(n, "notebook:explore"));
    const { read, admitted } = gateOver(jobs);
    expect(await admitted()).toHaveLength(16);
    expect(read).toHaveLength(16);
    expect(await admitted()).toHaveLength(18);
    expect(read).toHaveLength(18);
  });

  test("reads none where no notebook has it, and forgets what it knew", async () => {
    const { read, head, admitted } = gateOver([nth(1, "token:operator")]);
    expect(await admitted()).toEqual([]);
    head.notebooks = [];
    expect(await admitted()).toEqual(["j1"]);
    expect(read).toHaveLength(1);
    head.notebooks = ["explore"];
    expect(await admitted()).toEqual([]);
    expect(read).toHaveLength(2);
  });

  test("admits none that is gone or has no request, and one that does not wait, to be refused", async () => {
    const { request: _, ...bare } = nth(1, "notebook:explore");
    const { gate, admitted } = gateOver([
      bare as JobItem,
      nth(2, "token:operator", { request: { command: ["x"], ifBusy: "refuse" } }),
    ]);
    expect(await admitted()).toEqual(["j2"]);
    const impatient = nth(2, "token:operator", { request: { command: ["x"], ifBusy: "refuse" } });
    expect(gate.refusal(impatient)).toMatchObject({ reasonCode: "cluster-busy" });
    expect(gate.refusal({ ...impatient, phase: "running" })).toBeNull();
    expect([gate.mayRun(impatient), gate.mayRun(nth(3, "notebook:explore"))]).toEqual([false, true]);
  });
});
