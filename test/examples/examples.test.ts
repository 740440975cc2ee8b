import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Runtime } from "../../agent/contract/job-request.js";
import type { JobSource } from "../../agent/contract/job-source.js";
import { goDown, type Journey } from "../../scripts/journey/run.js";
import { type ExampleCluster, startExampleCluster } from "../support/examples/cluster.js";
import { DEMOS } from "../support/examples/demos.js";
import { provideDemos } from "../support/examples/downloads.js";
import { EXAMPLES } from "../support/examples/read.js";
import { startTestJourney } from "../support/journey.js";

const MINUTE_MS = 60_000;
const RUNTIMES: readonly Runtime[] = ["mpich", "intel"];
/** Intel MPI's MPI_Comm_disconnect, which ends a pool, fails over a network: docs/guides/jobs.md. */
const isPool = (command: readonly string[]) => command.includes("mpi4py.futures");

let journey: Journey;
let examples: ExampleCluster;
let demos: JobSource;
beforeAll(async () => {
  journey = await startTestJourney("examples");
  examples = await startExampleCluster(journey);
  demos = await examples.send(await provideDemos());
}, 10 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await goDown(journey);
}, 2 * MINUTE_MS);

describe.each(RUNTIMES)("with %s", (runtime) => {
  const runs = (command: readonly string[]) => runtime === "mpich" || !isPool(command);

  test.each(EXAMPLES.filter(({ request }) => runs(request.command)))(
    "the example $name prints what its folder says",
    async (example) => {
      const { job, text } = await examples.runExample(example, { runtime });
      expect({ status: job.status, reason: job.reason, text }).toEqual({
        status: "FINISHED",
        reason: null,
        text: example.expected,
      });
    },
    10 * MINUTE_MS,
  );

  test.each(DEMOS.filter(({ request }) => runs(request.command)))(
    "the demo $name runs unchanged",
    async ({ request, expected }) => {
      const { job, text } = await examples.run({ ...request, runtime, source: demos });
      expect({ status: job.status, reason: job.reason }).toEqual({ status: "FINISHED", reason: null });
      expect(text).toMatch(expected(job.ranks ?? 0));
    },
    5 * MINUTE_MS,
  );
});
