import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Browser, Locator } from "playwright-core";
import type { PageFiles } from "../../../scripts/cli/console/deps.js";
import { NoRightsError, TransientError } from "../../../scripts/cli/core/exit.js";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { accessOf, builtPage, type ServedConsole, startConsole } from "../../support/console/console.js";
import { NARROW, PageUser } from "../../support/console/page-user.js";
import { readyCluster, someClusters, someJobs, someUsage, uuidOf } from "../../support/console/seeds.js";
import { startBrowser } from "../../support/notebook/lab.js";
import { notebookItem } from "../../support/notebook-item.js";

const PICTURES = "dist/pictures/console";
const YAML =
  "# Ours.\norg: {name: acme, region: us-east-1}\nclusters:\n  - name: alpha # the first\n    nodes: 4\n    notebooks:\n      - name: explore\n  - name: genomics\n    nodes: 16\n";

let browser: Browser;
let files: PageFiles;
let world: FakeWorld;
let served: ServedConsole;
let user: PageUser;

beforeAll(async () => {
  [browser, files] = await Promise.all([startBrowser(), builtPage()]);
});
afterAll(() => browser?.close());

/** Clusters of every status, of which alpha runs a job; on a narrow screen. */
beforeEach(async () => {
  world = new FakeWorld();
  world.clusters.push(...someClusters());
  for (const job of someJobs(uuidOf(1), 3).toReversed()) world.jobs.set(job.id, job);
  world.notebooks.set("explore", notebookItem({ clusterUuid: uuidOf(1) }));
  world.usage.clusters.push(...someUsage("2026-01"));
  world.files.set("cdktf.json", Buffer.from("{}"));
  world.files.set("muster.yaml", Buffer.from(YAML));
  world.follows = async (_argv, onLine) => {
    onLine("done");
    return 0;
  };
  served = await startConsole(world, files, {});
  user = await PageUser.start(browser, served, PICTURES, { viewport: NARROW });
});
afterEach(async () => {
  await user?.close();
  await served?.close();
});

const button = (name: string, within: Locator | PageUser["page"] = user.page) =>
  within.getByRole("button", { name, exact: true });
const dialog = (): Locator => user.page.getByRole("dialog");
const task = (title: string): Locator => user.page.getByRole("complementary", { name: `Task: ${title}` });
/** What a form that is open looks like to an accessibility checker, and on a narrow screen. */
async function isSound(): Promise<void> {
  expect([await user.findings(), await user.overflow()]).toEqual([[], 0]);
}
const declared = (): string => Buffer.from(world.readFile("muster.yaml")).toString();
/** Shows the change, and has it written. */
async function deploy(shown: string, title: string, press = "Write and deploy"): Promise<void> {
  await dialog().getByText(shown).waitFor();
  await isSound();
  await button(press, dialog()).click();
  await task(title).getByText("FINISHED").waitFor();
  await button("Close the task").click();
}

describe("the forms of a cluster", () => {
  beforeEach(() => user.go(`clusters/${uuidOf(1)}`));

  test("resize: refused while a job runs, with why; or as it is declared", async () => {
    await button("Resize").click();
    await dialog().getByLabel("Number of nodes").fill("8");
    await isSound();
    await button("Resize at once", dialog()).click();
    const refused = task("Resize to 8 nodes: cluster alpha");
    await refused.getByText("FAILED").waitFor();
    await refused.getByText("Wait for the end (muster job wait ID), or add --after-job.").waitFor();
    await button("Close the task").click();
    await button("Resize").click();
    await dialog().getByLabel("Number of nodes").fill("8");
    await button("Declare and deploy", dialog()).click();
    await deploy("+    nodes: 8", "Change cluster alpha");
    expect(declared()).toContain("  - name: alpha # the first\n    nodes: 8\n");
  });

  test("park with the jobs that run; resume", async () => {
    world.meanwhile = () =>
      world.changeJob({ status: "CANCELLED", phase: "ended", endedAt: "2026-01-01T00:11:00Z" });
    await button("Park").click();
    await dialog().getByLabel("Cancel the jobs that run or wait").check();
    await isSound();
    await button("Park", dialog()).click();
    await task("Park cluster alpha").getByText("FINISHED").waitFor();
    expect(world.clusters[0]?.clusterStatus).toBe("PARKED");
    world.meanwhile = () => world.clusters.splice(0, 1, readyCluster(1, "alpha"));
    await button("Resume").click();
    await task("Resume cluster alpha").getByText("Cluster alpha is ready: 4 nodes with 32 cores.").waitFor();
  });

  test("another idle timeout, an hour more, and its removal", async () => {
    await button("Keep it for an hour").click();
    await user.page.getByText("Cluster alpha does not park before").waitFor();
    await button("Change the idle timeout").click();
    await dialog().getByLabel("Cluster auto shutdown").selectOption("120");
    await button("Show the change", dialog()).click();
    await deploy("+    idleTimeoutMinutes: 120", "Change cluster alpha");
    await button("Remove").click();
    await deploy("-  - name: alpha", "Remove cluster alpha", "Destroy and remove");
    expect(declared()).toBe(
      "# Ours.\norg: {name: acme, region: us-east-1}\nclusters:\n  - name: genomics\n    nodes: 16\n",
    );
  });
});

describe("the forms of a job", () => {
  const open = async (): Promise<void> => {
    await user.go("jobs");
    await button("Create job").click();
    await dialog().getByLabel("Cluster", { exact: true }).selectOption({ label: "alpha (FINISHED)" });
  };

  test.each([
    ["S3", "S3 URI", "s3://acme/code/", { s3: { uri: "s3://acme/code/" } }],
    ["/shared", "Folder", "/shared/models", { shared: { path: "/shared/models" } }],
  ])("from %s", async (kind, label, value, source) => {
    await open();
    await dialog().getByLabel("Command", { exact: true }).fill("train.py");
    await dialog().getByRole("radio", { name: kind }).check();
    await dialog().getByLabel(label, { exact: true }).fill(value);
    await isSound();
    await button("Submit", dialog()).click();
    await user.page.waitForURL(`**#/jobs/${uuidOf(1)}/job-*`);
    expect(world.jobs.values().at(-1)?.request).toEqual({ command: ["train.py"], source });
  });

  test("what can't be a job is said in words, and the form stays", async () => {
    await open();
    await dialog().getByLabel("Command", { exact: true }).fill("train.py 'unclosed");
    await dialog().getByRole("radio", { name: "None" }).check();
    await button("Submit", dialog()).click();
    await dialog().getByText(/quot/i).waitFor();
    expect(world.jobs.values()).toHaveLength(3);
  });

  test("once, at a time of the person's own zone", async () => {
    await open();
    await user.page.getByText("Once, later").click();
    await dialog().getByLabel("Name", { exact: true }).fill("tonight");
    await dialog().getByLabel("At", { exact: true }).fill("2099-01-31T23:30");
    await dialog().getByLabel("Command", { exact: true }).fill("nightly.py");
    await dialog().getByRole("radio", { name: "None" }).check();
    await button("Show the change", dialog()).click();
    await deploy("at: 2099-01-31T", "Create job definition tonight");
  });
});

test("a notebook is removed as it is declared", async () => {
  await user.go("notebooks");
  await button("Remove").click();
  await deploy("-      - name: explore", "Remove notebook explore", "Destroy and remove");
  expect(declared()).not.toContain("explore");
});

test("what is declared is deployed again; one that fails says so", async () => {
  world.follows = () => 1;
  await user.go("settings");
  await button("Deploy what it declares").click();
  await task("Deploy what muster.yaml declares").getByText("FAILED").waitFor();
});

test("the usage is summed up by another thing, of another month, and downloaded", async () => {
  const { page } = user;
  await user.go("usage");
  await page.getByLabel("Sum by").selectOption("type");
  await page.getByRole("rowheader", { name: "c5n.18xlarge" }).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download CSV" }).click();
  expect(readFileSync(await (await download).path(), "utf8")).toContain("c5n.18xlarge");
  await page.getByLabel("Month (UTC)").selectOption({ index: 2 });
  await page.getByRole("heading", { name: /^Nothing was used in/ }).waitFor();
});

describe("where AWS refuses each call, or answers none", () => {
  const PLACES = ["clusters", `clusters/${uuidOf(1)}`, "jobs", "notebooks", "images", "usage", "settings"];
  test.each([
    [
      "Your credentials lack a right",
      new NoRightsError("Could not look. The credentials lack this permission: add it."),
    ],
    ["No answer at the moment", new TransientError("DynamoDB does not answer.")],
  ])("each page says so, and has nothing else: %s", async (words, error) => {
    await served.close();
    // What is awaited is refused, and what is read item by item.
    const refuse = () => {
      const refused: Promise<never> = Promise.reject(error);
      refused.catch(() => undefined);
      return Object.assign(refused, { [Symbol.asyncIterator]: () => ({ next: () => refused }) });
    };
    // It never fails: it does not know.
    const port = new Proxy({}, { get: (_, name) => (name === "caller" ? async () => null : refuse) });
    const access = new Proxy(await accessOf(world), { get: () => port });
    served = await startConsole(world, files, { access, images: refuse });
    await user.close();
    user = await PageUser.start(browser, served, PICTURES, { viewport: NARROW });
    for (const place of PLACES) {
      await user.page.goto(`${served.url}#/${place}`);
      await user.page.getByRole("main").getByText(words).first().waitFor();
      expect([place, await user.findings(), await user.overflow()]).toEqual([place, [], 0]);
    }
    await user.go("home");
    await user.page.getByText(error.message).first().waitFor();
    expect(user.errors).toEqual([]);
  });
});
