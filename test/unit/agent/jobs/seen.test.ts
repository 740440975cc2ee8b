import { afterEach, expect, test } from "@jest/globals";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";

let runner: JobRunner | null = null;
afterEach(() => runner?.stop());

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !isSo(); turns += 1) {
    if (turns > 100_000) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a head has seen the jobs that wait, a moment ago, and nothing where it is none", async () => {
  const jobs = ["a", "b"].map((key) => queuedJob(key));
  const fake = fakeWorld(...jobs);
  fake.world.hostfile = null;
  const mine = createJobRunner(fake.deps);
  runner = mine;
  expect(mine.seen()).toEqual({ running: null, waiting: 0, lastAt: null, lookedMsAgo: null });
  mine.start();
  await until(() => fake.clock.monotonicMs() > 60_000, "a minute");
  const seen = mine.seen();
  expect(seen).toMatchObject({ running: null, waiting: 2, lastAt: expect.any(Date) });
  expect(seen.lookedMsAgo).toBeLessThan(5_000);
  fake.world.generation = null;
  expect(mine.seen()).toMatchObject({ waiting: 0, lookedMsAgo: null });
});
