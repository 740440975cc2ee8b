import { afterEach, expect, test } from "@jest/globals";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { until } from "../../../support/agent/job-runs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/** A head without jobs. `gotReady`: the addresses of the nodes whose preflight it got ready, call by call. */
async function idleHead() {
  const fake = fakeWorld();
  const gotReady: string[][] = [];
  const preflight = {
    ...fake.deps.preflight,
    getReady: (nodes: readonly { readonly address: string }[]) =>
      void gotReady.push(nodes.map(({ address }) => address)),
  };
  runner = createJobRunner({ ...fake.deps, preflight, clock: manualClock() });
  const head = runner;
  head.start();
  await until(() => head.seen().lookedMsAgo !== null, "a look at the queue");
  return { fake, head, gotReady };
}

test("the preflight of an offered job is got ready on all nodes, beside its claim", async () => {
  const { head, gotReady } = await idleHead();
  expect(await head.startNow(queuedJob())).toMatchObject({ is: "started" });
  expect(gotReady).toEqual([HOSTFILE.nodes.map(({ address }) => address)]);
});
