import { afterEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { createJobRunner, type JobRunner } from "../../../../agent/jobs/runner.js";
import { fakeWorld } from "../../../support/agent/fake-jobs.js";
import { until } from "../../../support/agent/job-runs.js";
import { HOSTFILE, queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";
import { memorySubmissions } from "../../../support/memory-jobs.js";

let runner: JobRunner | null = null;
afterEach(async () => {
  await runner?.stop();
  runner = null;
});

/**
 * A head without jobs, whose clock stands. `gotReady`: the addresses of the nodes whose preflight it got ready, call by call; `warnings`:
 * what its log says that is amiss.
 */
async function idleHead() {
  const fake = fakeWorld();
  const gotReady: string[][] = [];
  const warnings: string[] = [];
  const preflight = {
    ...fake.deps.preflight,
    getReady: (nodes: readonly { readonly address: string }[]) =>
      void gotReady.push(nodes.map(({ address }) => address)),
  };
  const log = pino({ level: "warn" }, { write: (line: string) => void warnings.push(JSON.parse(line).msg) });
  runner = createJobRunner({ ...fake.deps, preflight, clock: manualClock(), log });
  const head = runner;
  head.start();
  await until(() => head.seen().lookedMsAgo !== null, "a look at the queue");
  return { fake, head, gotReady, warnings };
}
const ADDRESSES = HOSTFILE.nodes.map(({ address }) => address);

describe("a job that a head hears of while it has nothing to do", () => {
  test("has its preflight got ready on all nodes, beside its claim, where it is offered", async () => {
    const { head, gotReady } = await idleHead();
    expect(await head.startNow(queuedJob())).toMatchObject({ is: "started" });
    expect(gotReady).toEqual([ADDRESSES]);
  });

  test("and has its preflight got ready so where a nudge names it", async () => {
    const { fake, head, gotReady } = await idleHead();
    const job = queuedJob();
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge({ jobId: job.id });
    await until(() => fake.table.get(job.id).status === "INPROGRESS", "its claim");
    expect(gotReady).toEqual([ADDRESSES]);
  });

  test("is claimed at once too where its launch can't be planned, for its source comes first", async () => {
    const { fake, head, warnings } = await idleHead();
    const job = queuedJob("k", { source: { shared: { path: "/shared/model" } } });
    await memorySubmissions(fake.table.table).submit(job);
    head.nudge({ jobId: job.id });
    await until(() => fake.table.get(job.id).status === "INPROGRESS", "its claim");
    expect(warnings).toEqual([]);
  });
});
