import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser, Page } from "playwright-core";
import { hostfilePath } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { openAccess } from "../../../scripts/journey/steps.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { logIn, withConsole } from "../../support/console/run-console.js";
import { startBrowser } from "../../support/notebook/lab.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
let bundle: TestBundle;
let browser: Browser;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  [bundle, browser] = await Promise.all([buildTestBundle(), startBrowser()]);
}, 6 * MINUTE_MS);
afterAll(async () => {
  await browser?.close();
  await bundle?.remove();
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

/** On a person's own machine, which reaches AWS and no node. */
const place = () => {
  const { org, region } = journey.place.workspace;
  const env = Object.entries(process.env).filter(([name]) => name.startsWith("AWS_"));
  return {
    args: ["--org", org, "--region", region],
    env: Object.fromEntries(env) as Record<string, string>,
  };
};

async function openConsole(url: string, code: string): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(MINUTE_MS);
  await logIn(page, url, code);
  return page;
}

/** Each rank says its step, again and again, until it is cancelled. */
const STEPS = [
  "import time",
  "from mpi4py import MPI",
  "comm = MPI.COMM_WORLD",
  "for step in range(600):",
  "  comm.Barrier()",
  "  if comm.rank == 0: print(f'step {step} of {comm.size} ranks', flush=True)",
  "  time.sleep(0.2)",
].join("\n");

test(
  "the page shows a cluster's real nodes, follows the output of a job that it has submitted, cancels it, and runs it again",
  async () => {
    const { args, env } = place();
    const { exitCode } = await withConsole(bundle, args, { env }, async (url, code) => {
      const page = await openConsole(url, code);
      await page.goto(`${url}#/clusters/${cluster.uuid}`);
      await page.getByText(`mpiexec -n ${cluster.cores} -f ${hostfilePath(cluster.uuid)} hostname`).waitFor();
      for (const { address } of cluster.nodes)
        await page.getByRole("cell", { name: address, exact: true }).waitFor();
      await page.getByRole("link", { name: "Jobs of this cluster" }).click();
      await page.getByRole("button", { name: "Create job" }).click();
      await page.getByRole("radio", { name: "A Python file" }).check();
      await page.getByLabel("Python", { exact: true }).fill(STEPS);
      await page.getByRole("button", { name: "Submit" }).click();
      await page.getByText(`step 0 of ${cluster.cores} ranks`).waitFor();
      // While it runs, and not only once its log is complete.
      await page.getByText("INPROGRESS").first().waitFor();
      await page.getByRole("button", { name: "Cancel the job" }).click();
      await page.getByText("CANCELLED").first().waitFor();
      const first = page.url();
      await page.getByRole("button", { name: "Run again" }).click();
      await page.waitForURL((at) => at.href !== first);
      await page.getByText(`step 0 of ${cluster.cores} ranks`).waitFor();
      await page.getByRole("button", { name: "Cancel the job" }).click();
      await page.getByText("CANCELLED").first().waitFor();
      await page.close();
    });
    expect(exitCode).toBe(130);
    const { org, region } = journey.place.workspace;
    expect(await openAccess(org, region).jobs.queue(cluster.uuid)).toEqual([]);
  },
  4 * MINUTE_MS,
);
