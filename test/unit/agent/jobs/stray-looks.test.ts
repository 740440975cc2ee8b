import { afterEach, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/** A node that has been up for an hour, with such a job; `looks`: when it looked which jobs have processes on it, in seconds since then. */
function node(job: JobItem, generation: number | null) {
  const fake = fakeWorld(job);
  if (job.phase === "running") fake.node.states.set(job.id, "running");
  fake.world.generation = generation;
  const clock = manualClock(3_600_000);
  const looks: number[] = [];
  const { ids } = fake.deps.processes;
  fake.deps.processes.ids = async () => {
    looks.push(clock.monotonicMs() / 1_000 - 3_600);
    return ids();
  };
  runner = createJobRunner({ ...fake.deps, clock });
  runner.start();
  async function pass(seconds: number): Promise<void> {
    for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
  }
  return { fake, looks, pass };
}

test("a head whose job has just begun looks in a minute, and each five seconds then: not at each look at the job", async () => {
  const { looks, pass, fake } = node(queuedJob(), 1);
  await pass(73);
  expect(fake.table.get(queuedJob().id).phase).toBe("running");
  expect(looks.map(Math.round)).toEqual([0, 60, 65, 70]);
});

test("a node that is not head looks each five seconds while it has processes of another's job", async () => {
  const launchedOn = { instanceId: "i-a", address: "10.0.0.1" };
  const job: JobItem = { ...queuedJob(), status: "INPROGRESS", phase: "running", launchedOn };
  const { fake, looks, pass } = node(job, null);
  await pass(22);
  expect(looks).toEqual([0, 5, 10, 15, 20]);
  expect(fake.node.signals).toEqual([]);
});
