import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../../support/agent/cluster-item.js";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { logIn, withConsole } from "../../support/console/run-console.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";
import { startBrowser } from "../../support/notebook/lab.js";
import { createOrg } from "../../support/provider/org.js";

const WAIT_MS = 60_000;

let emulator: TestEmulator;
let bundle: TestBundle;
let browser: Browser;
let folder: string;

/** An org with a ready cluster, a project that declares it, and a cdktf that only says what it was asked for. */
beforeAll(async () => {
  [emulator, bundle, browser] = await Promise.all([startEmulator(), buildTestBundle(), startBrowser()]);
  folder = await mkdtemp(join(tmpdir(), "muster-console-test-"));
  const org = await createOrg(emulator, "acme");
  const nodes = [nodeSummary("i-01"), nodeSummary("i-02", { address: "10.0.0.2" })];
  const counts = { desiredNodes: 2, hostfileNodes: 2, cores: 4, idleTimeoutMinutes: 60 };
  await org.setCluster(
    CLUSTER_UUID,
    observedCluster({ ...counts, nodes, clusterStatus: "FINISHED", phase: "ready" }),
  );
  await writeFile(
    join(folder, "muster.yaml"),
    "org:\n  name: acme\n  region: us-east-1\nclusters:\n  - name: demo # ours\n    nodes: 2\n",
  );
  await writeFile(join(folder, "cdktf.json"), "{}");
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/npx"), '#!/bin/sh\necho "npx $*"; sleep 0.2; echo deployed\n', {
    mode: 0o755,
  });
});
afterAll(async () => {
  await browser?.close();
  await bundle?.remove();
  await emulator?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** In the project, with the emulator as AWS. */
const inProject = (args: readonly string[], use: Parameters<typeof withConsole>[3]) =>
  withConsole(bundle, args, placeOfProject(), use);
const placeOfProject = () => ({
  cwd: folder,
  env: { ...emulator.env, PATH: `${join(folder, "bin")}${delimiter}${process.env["PATH"]}` },
});

test("the bundle serves its page from the registry: a job, its cancel and a deploy, until Ctrl-C", async () => {
  const { exitCode, stderr } = await inProject([], async (url, code) => {
    const page = await browser.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await logIn(page, url, code);
    await page.getByRole("link", { name: "A cluster", exact: true }).click();
    await page.getByRole("link", { name: "demo" }).click();
    await page.getByText(`mpiexec -n 4 -f /shared/.hostfile-${CLUSTER_UUID} hostname`).waitFor();
    await page.getByRole("cell", { name: "10.0.0.2" }).waitFor();
    await page.getByRole("link", { name: "Jobs of this cluster" }).click();
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByLabel("Command", { exact: true }).fill("-m mpi4py.bench helloworld");
    await page.getByRole("radio", { name: "None" }).check();
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("There is no output before the job is launched.").waitFor();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.getByText("CANCELLED").first().waitFor();
    await page.goto(`${url}#/clusters`);
    await page.getByRole("button", { name: "Create cluster" }).click();
    await page.getByLabel("Name", { exact: true }).fill("beta");
    await page.getByRole("button", { name: "Show the change" }).click();
    await page.getByRole("button", { name: "Write and deploy" }).click();
    const task = page.getByRole("complementary", { name: "Task: Create cluster beta" });
    await task.getByText("npx --no-install cdktf deploy * --auto-approve").waitFor();
    await task.getByText("FINISHED").waitFor();
    await page.close();
  });
  expect([exitCode, stderr.split("\n").at(-2)]).toEqual([130, "Ended by SIGINT."]);
  expect(stderr).toContain("the console closes; what it has asked for on clusters goes on");
});

test("--json prints the place as one document, and no code", async () => {
  const { stdout, exitCode } = await inProject(["--read-only", "--json"], async (url, code) => {
    expect([url.startsWith("http://127.0.0.1:"), url.includes(code)]).toEqual([true, false]);
  });
  const { url, ...rest } = JSON.parse(stdout.toString()) as { readonly url: string };
  expect([exitCode, rest]).toEqual([130, { org: "acme", region: "us-east-1", isReadOnly: true }]);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
});
