import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { JobSource } from "../../../agent/contract/job-source.js";
import { type ExampleCluster, openExampleCluster } from "../../support/examples/cluster.js";
import { QUICK_DEMOS } from "../../support/examples/demos.js";
import { provideDemos } from "../../support/examples/downloads.js";
import { exampleOf } from "../../support/examples/read.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let examples: ExampleCluster;
beforeAll(async () => {
  const shared = await useSharedCluster();
  journey = shared.journey;
  examples = openExampleCluster(journey, shared.cluster);
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

describe("an example prints what its folder says", () => {
  // Bodo's packages are 190 MB: `npm run examples` runs it.
  test.each(["numpy-pi", "futures", "dask-mpi"])("%s", async (name) => {
    const example = exampleOf(name);
    const { job, text } = await examples.runExample(example);
    expect({ status: job.status, reason: job.reason, text }).toEqual({
      status: "FINISHED",
      reason: null,
      text: example.expected,
    });
  });
});

describe("a demo of mpi4py runs unchanged", () => {
  let source: JobSource;
  beforeAll(async () => {
    source = await examples.send(await provideDemos());
  }, 2 * MINUTE_MS);

  test.each(QUICK_DEMOS)("$name", async ({ request, expected }) => {
    const { job, text } = await examples.run({ ...request, source });
    expect({ status: job.status, reason: job.reason }).toEqual({ status: "FINISHED", reason: null });
    expect(text).toMatch(expected(job.ranks ?? 0));
  });
});
