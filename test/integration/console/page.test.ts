import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import type { ConsoleDeps, PageFiles } from "../../../scripts/cli/console/deps.js";
import { NoRightsError, TransientError } from "../../../scripts/cli/core/exit.js";
import { FakeWorld, LOG_PREFIX } from "../../support/cli/fake-world.js";
import { streamOf } from "../../support/cli/stream.js";
import { accessOf, builtPage, type ServedConsole, startConsole } from "../../support/console/console.js";
import { NARROW, PageUser, WIDE } from "../../support/console/page-user.js";
import {
  readyCluster,
  someClusters,
  someEvents,
  someJobs,
  someUsage,
  uuidOf,
} from "../../support/console/seeds.js";
import { startBrowser } from "../../support/notebook/lab.js";
import { notebookItem } from "../../support/notebook-item.js";

/** Kept, and looked at: the guide shows some of them. */
const PICTURES = "dist/pictures/console";
const YAML =
  "# Ours.\norg:\n  name: acme\n  region: us-east-1\n\nclusters:\n  - name: alpha # the first\n    nodes: 4\n\n  # For the genomes.\n  - name: genomics\n    nodes: 16\n    instanceType: c6i.8xlarge\n";

let browser: Browser;
let files: PageFiles;
let world: FakeWorld;
let served: ServedConsole;
let user: PageUser;

beforeAll(async () => {
  [browser, files] = await Promise.all([startBrowser(), builtPage()]);
});
afterAll(() => browser?.close());

/** An org at work. */
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(...someClusters());
  world.events.push(...someEvents());
  for (const job of someJobs(uuidOf(1), 24).toReversed()) world.jobs.set(job.id, job);
  world.notebooks.set("explore", notebookItem({ clusterUuid: uuidOf(1) }));
  world.usage.clusters.push(...someUsage("2026-01"));
  const nodeHour = { "c5.xlarge": 0.17, "c6i.8xlarge": 1.36, "c5n.18xlarge": 3.888 };
  world.prices = { region: "us-east-1", nodeHour };
  world.files.set("cdktf.json", Buffer.from("{}"));
  world.files.set("muster.yaml", Buffer.from(YAML));
  const line = (number: number): string =>
    `[rank ${number % 72}] step ${number} loss ${(2 / (1 + number)).toFixed(6)} on ip-10-20-1-${4 + (number % 4)}\n`;
  for (let part = 0; part < 3; part++)
    world.logs.store(
      LOG_PREFIX,
      Array.from({ length: 4_000 }, (_, index) => line(part * 4_000 + index)).join(""),
    );
  const [running] = someJobs(uuidOf(1), 1);
  if (running !== undefined) world.jobs.set(running.id, { ...running, logPrefix: LOG_PREFIX });
});
afterEach(async () => {
  await user?.close();
  await served?.close();
});

async function open(
  changes: Partial<ConsoleDeps> = {},
  as: Parameters<typeof PageUser.start>[3] = {},
): Promise<void> {
  served = await startConsole(world, files, changes);
  user = await PageUser.start(browser, served, PICTURES, as);
}

const [job] = someJobs(uuidOf(1), 1);
const PAGES: readonly (readonly [name: string, place: string])[] = [
  ["start", "home"],
  ["clusters", "clusters"],
  ["cluster", `clusters/${uuidOf(1)}`],
  ["jobs", "jobs"],
  ["job", `jobs/${uuidOf(1)}/${job?.id}`],
  ["notebooks", "notebooks"],
  ["images", "images"],
  ["usage", "usage"],
  ["tasks", "tasks"],
  ["settings", "settings"],
];

test("a person who goes elsewhere as the page first appears gets there", async () => {
  await open();
  const { page } = user;
  // What a page does after a frame comes late on a busy machine; here it comes a second late.
  await page.addInitScript(`
    window.requestAnimationFrame = (then) => window.setTimeout(() => then(performance.now()), 1_000);
    const { setTimeout } = window;
    window.setTimeout = (then, ms, ...rest) => setTimeout(then, ms === 35 || ms === 100 ? 1_000 : ms, ...rest);
    new MutationObserver((_, watcher) => {
      if (document.getElementById("main") === null) return;
      watcher.disconnect();
      location.hash = "#/jobs";
    }).observe(document, { childList: true, subtree: true });
  `);
  await page.reload();
  await page.getByRole("button", { name: "Create job" }).click();
  await page.getByRole("heading", { name: "Create a job" }).waitFor();
});

describe("every page, by an accessibility checker", () => {
  test.each([
    ["wide and light", WIDE, "light"],
    ["narrow and dark", NARROW, "dark"],
  ] as const)(
    "%s: nothing serious, nothing wider than the window, nothing of another host",
    async (what, viewport, colorScheme) => {
      const images: ConsoleDeps["images"] = async () => [
        {
          ...{
            name: "mpi-2026-01",
            family: "mpi",
            status: "FINISHED",
            createdAt: "2025-12-20T00:00:00.000Z",
          },
          shares: [
            { account: "210987654321", region: "us-east-1", state: "FINISHED", reason: null },
            { account: "210987654321", region: "eu-west-1", state: "INPROGRESS", reason: "it is copied" },
          ],
        },
      ];
      await open({ images }, { viewport, colorScheme });
      for (const [name, place] of PAGES) {
        await user.go(place);
        expect([name, await user.findings()]).toEqual([name, []]);
        expect([name, await user.overflow()]).toEqual([name, 0]);
        await user.picture(`${name}-${what.replaceAll(" ", "-")}`);
      }
      expect(user.errors).toEqual([]);
      const hosts = new Set(
        user.asked
          .map((url) => new URL(url))
          .filter(({ protocol }) => protocol !== "data:")
          .map(({ host }) => host),
      );
      expect([...hosts]).toEqual([`127.0.0.1:${served.port}`]);
    },
  );
});

describe("the forms", () => {
  test("a cluster is declared: its change is shown, written and deployed, with its output", async () => {
    world.follows = async (_argv, onLine) => {
      onLine("muster_acme_beta  aws_autoscaling_group.fleet: Creating...");
      return 0;
    };
    await open();
    const { page } = user;
    await user.go("clusters");
    await page.getByRole("button", { name: "Create cluster" }).click();
    await page.getByLabel("Name", { exact: true }).fill("beta");
    await page.getByLabel("Number of nodes").fill("8");
    await page.getByText("Advanced").click();
    await page.getByLabel("Spot instances").check();
    expect(await user.findings()).toEqual([]);
    await user.picture("cluster-form");
    await page.getByRole("button", { name: "Show the change" }).click();
    await page.getByText("+  - name: beta").waitFor();
    expect(await user.findings()).toEqual([]);
    await user.picture("change");
    await page.getByRole("button", { name: "Write and deploy" }).click();
    const panel = page.getByRole("complementary", { name: "Task: Create cluster beta" });
    await panel.getByText("FINISHED").waitFor();
    await panel.getByText("aws_autoscaling_group.fleet: Creating...").waitFor();
    await user.picture("task");
    expect(Buffer.from(world.readFile("muster.yaml")).toString()).toBe(
      `${YAML}  - name: beta\n    nodes: 8\n    instanceType: c5.xlarge\n    idleTimeoutMinutes: 60\n    spot: true\n`,
    );
  });

  test("a wrong cluster is not written, and each problem is said; Escape leaves", async () => {
    await open();
    const { page } = user;
    await user.go("clusters");
    await page.getByRole("button", { name: "Create cluster" }).click();
    await page.getByLabel("Name", { exact: true }).fill("beta");
    await page.getByLabel("Instance type").fill("t3.micro");
    await page.getByRole("button", { name: "Show the change" }).click();
    await page.getByText("muster.yaml would not be right").waitFor();
    expect(await page.getByRole("button", { name: "Write and deploy" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: "Create a cluster" }).waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("beta");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(Buffer.from(world.readFile("muster.yaml")).toString()).toBe(YAML);
  });

  test("a job is submitted from Git with advanced options, by the keyboard alone", async () => {
    await open();
    const { page } = user;
    await user.go(`jobs/${uuidOf(1)}`);
    await page.getByRole("button", { name: "Create job" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Command", { exact: true }).fill("train.py --steps 5");
    await page.getByLabel("Git URL").fill("https://github.com/acme/models");
    await page.getByText("Advanced").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Retries").fill("2");
    await page.getByLabel(/Environment variables/).fill("MODE=fast");
    expect(await user.findings()).toEqual([]);
    await user.picture("job-form");
    await page.getByRole("button", { name: "Submit" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(`**#/jobs/${uuidOf(1)}/job-*`);
    expect(world.jobs.values().at(-1)?.request).toEqual({
      ...{
        command: ["train.py", "--steps", "5"],
        source: { git: { url: "https://github.com/acme/models" } },
      },
      ...{ environment: { MODE: "fast" }, retries: { count: 2 } },
    });
  });

  test("a schedule becomes a job definition of muster.yaml", async () => {
    await open();
    const { page } = user;
    await user.go("jobs");
    await page.getByRole("button", { name: "Create job" }).click();
    await page.getByText("Again and again").click();
    await page.getByLabel("Name", { exact: true }).fill("mornings");
    await page.getByLabel("Cron").fill("30 6 * * 1-5");
    await page.getByLabel("Time zone").fill("Europe/Berlin");
    await page.getByLabel("Command", { exact: true }).fill("nightly.py");
    await page.getByLabel("Git URL").fill("https://github.com/acme/models");
    await page.getByRole("button", { name: "Show the change" }).click();
    await page.getByText("+          cron: 30 6 * * 1-5").waitFor();
    expect(await page.getByRole("button", { name: "Write and deploy" }).isEnabled()).toBe(true);
  });

  test("a notebook is declared, connected to, and stopped", async () => {
    world.reached.add("10.0.0.7:8471");
    await open();
    const { page } = user;
    await user.go("notebooks");
    await page.getByRole("button", { name: "Create notebook" }).click();
    await page.getByLabel("Name", { exact: true }).fill("draft");
    await page.getByRole("button", { name: "Show the change" }).click();
    await page.getByText("+      - name: draft").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Connect" }).click();
    await page.getByRole("button", { name: "Open notebook" }).waitFor();
    // What a browser takes the code to: the notebook's port, by POST.
    const posted = page
      .context()
      .waitForEvent("request", (request) => request.url().includes("/muster-session"));
    await page.getByRole("button", { name: "Open notebook" }).click();
    const request = await posted;
    // The notebook's forwarder takes a code from no page's origin but its own, or from none that says which.
    expect(request.headers()["origin"]).toBe("null");
    expect([request.method(), request.url(), request.postData()]).toEqual([
      ...["POST", "http://127.0.0.1:4321/muster-session", "code=code-of-a-person"],
    ]);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
    await page.getByText("PARKED").first().waitFor();
  });
});

test("a log is followed, searched in all of it, and downloaded", async () => {
  await open();
  const { page } = user;
  await user.go(`jobs/${uuidOf(1)}/${job?.id}`);
  const output = page.getByRole("log", { name: "Output" });
  await output.getByText("step 11999 ").waitFor();
  world.logs.store(LOG_PREFIX, "[rank 0] the newest line\n");
  await output.getByText("the newest line").waitFor();
  await page.getByLabel("Search in all of the log").fill("step 777 ");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByText("1 line with").waitFor();
  await user.picture("log");
  await page.getByRole("button", { name: /step 777/ }).click();
  await output.getByText("step 777 loss").waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const path = await (await download).path();
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(12_002);
  expect(user.errors).toEqual([]);
});

describe("the states", () => {
  test("an org without anything", async () => {
    world = new FakeWorld();
    await open();
    for (const [place, text] of [
      ["clusters", "No cluster yet"],
      ["jobs", "No job yet"],
      ["notebooks", "No notebook yet"],
      ["images", "No image yet"],
      ["usage", "Nothing was used in 2026-01"],
      ["tasks", "No task yet"],
    ] as const) {
      await user.go(place);
      await user.page.getByRole("heading", { name: text }).waitFor();
      expect(await user.findings()).toEqual([]);
    }
  });

  test("while AWS has not answered; no rights; no answer", async () => {
    const access = await accessOf(world);
    let answer: () => Promise<never> = () => new Promise(() => undefined);
    await open({ access: { ...access, clusters: { ...access.clusters, list: () => streamOf(answer) } } });
    const { page } = user;
    await page.goto(`${served.url}#/clusters`);
    await page.getByText("Loading the clusters").waitFor();
    expect(await user.findings()).toEqual([]);
    await user.close();
    await served.close();
    answer = () =>
      Promise.reject(
        new NoRightsError("Could not list the clusters. The credentials lack this permission: add it."),
      );
    await open({ access: { ...access, clusters: { ...access.clusters, list: () => streamOf(answer) } } });
    await user.go("clusters");
    await user.page.getByText("Your credentials lack a right").waitFor();
    expect(await user.findings()).toEqual([]);
    await user.picture("no-rights");
    answer = () => Promise.reject(new TransientError("DynamoDB does not answer."));
    await user.page.getByRole("button", { name: "Try again" }).click();
    await user.page.getByText("No answer at the moment").waitFor();
  });

  test("500 clusters and 10,000 jobs", async () => {
    world.clusters.push(
      ...Array.from({ length: 494 }, (_, index) => readyCluster(100 + index, `c-${index}`)),
    );
    for (const one of someJobs(uuidOf(2), 10_000).toReversed()) world.jobs.set(one.id, one);
    await open();
    const { page } = user;
    await user.go("clusters");
    await page.getByText("500 clusters in us-east-1").waitFor();
    expect(await page.getByRole("row").count()).toBe(51);
    await page.getByRole("button", { name: "Last" }).click();
    await page.getByText("451–500 of 500").waitFor();
    await page.getByLabel("Name or UUID").fill("c-123");
    await page.getByRole("link", { name: "c-123" }).waitFor();
    await user.go("jobs");
    await page.getByText("Choose one: jobs of all are listed for 20 clusters at most.").waitFor();
    await page.getByLabel("Cluster").selectOption("genomics");
    await page.getByText("1–50 of 10,000").waitFor();
    await page.getByRole("button", { name: "Last" }).click();
    await page.getByText("9,951–10,000 of 10,000").waitFor();
    expect(await page.getByRole("row").count()).toBe(51);
    expect(await user.findings()).toEqual([]);
  });

  test("read-only shows all, and has nothing to press that changes something", async () => {
    await open({ isReadOnly: true });
    for (const [, place] of PAGES) {
      await user.go(place);
      const names = await user.page.locator("main button").allInnerTexts();
      expect(
        names.filter((name) => /create|park|resize|remove|cancel|again|deploy|connect|stop|keep/i.test(name)),
      ).toEqual([]);
    }
    await user.page.getByText("Read-only: this console shows everything and changes nothing.").waitFor();
  });
});
