import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type {
  ApiProblem,
  Change,
  ClusterDetail,
  ClusterView,
  JobDetail,
  JobPage,
  JobRow,
  LogWindow,
  NotebookEntrance,
  NotebookView,
  OnboardingStep,
  PlanView,
  SettingsView,
  TaskOutput,
  TaskView,
  UsageView,
} from "../../../../../scripts/cli/console/api.js";
import type { ConsoleDeps } from "../../../../../scripts/cli/console/deps.js";
import { failure, NoRightsError, TransientError } from "../../../../../scripts/cli/core/exit.js";
import { CLUSTER_UUID } from "../../../../support/agent/cluster-item.js";
import { FakeWorld, LOG_PREFIX } from "../../../../support/cli/fake-world.js";
import { streamOf } from "../../../../support/cli/stream.js";
import { session } from "../../../../support/console/ask.js";
import { accessOf, type ServedConsole, startConsole } from "../../../../support/console/console.js";
import {
  readyCluster,
  someClusters,
  someEvents,
  someJobs,
  someUsage,
  uuidOf,
} from "../../../../support/console/seeds.js";
import { notebookItem } from "../../../../support/notebook-item.js";

const PAGE = { script: "", style: "" };
const YAML = "org:\n  name: acme\n  region: us-east-1\nclusters:\n  - name: alpha # mine\n    nodes: 4\n";

let world: FakeWorld;
let served: ServedConsole;
let browser: Awaited<ReturnType<typeof session>>;

async function start(changes: Partial<ConsoleDeps> = {}): Promise<void> {
  await served?.close();
  served = await startConsole(world, PAGE, changes);
  browser = await session(served);
}
const get = async <T>(path: string): Promise<T> => (await browser.get(path)).json<T>();

/** Waits for a task's end. */
async function ended(task: TaskView): Promise<TaskOutput> {
  for (;;) {
    const seen = await get<TaskOutput>(`/api/tasks/${task.id}`);
    if (seen.task.endedAt !== null) return seen;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const done = async (path: string, body: unknown = {}): Promise<TaskOutput> =>
  ended((await browser.post(path, body)).json<TaskView>());

beforeEach(async () => {
  world = new FakeWorld();
  world.timePasses = true;
  world.clusters.push(...someClusters());
  await start();
});
afterEach(() => served.close());

describe("clusters", () => {
  test("the list has each with its time to auto-shutdown", async () => {
    const clusters = await get<readonly ClusterView[]>("/api/clusters");
    expect(clusters.map(({ name, status }) => `${name} ${status}`)).toEqual([
      ...["alpha FINISHED", "genomics FINISHED", "simulation INPROGRESS"],
      ...["nightly PARKED", "weather FAILED", "bench REMOVING"],
    ]);
    expect(clusters[1]?.activity).toMatchObject({ idleTimeoutMinutes: 60, secondsLeft: 38 * 60 });
  });

  test("500 clusters are one list, read once for all who ask", async () => {
    world.clusters.length = 0;
    world.clusters.push(...Array.from({ length: 500 }, (_, index) => readyCluster(index, `c-${index}`)));
    let reads = 0;
    const access = await accessOf(world);
    const clusters = {
      ...access.clusters,
      list: () => {
        reads += 1;
        return access.clusters.list();
      },
    };
    await start({ access: { ...access, clusters } });
    const all = await Promise.all([1, 2, 3].map(() => get<readonly ClusterView[]>("/api/clusters")));
    expect(all.map(({ length }) => length)).toEqual([500, 500, 500]);
    expect(reads).toBe(1);
  });

  test("one in full: nodes, UUID, hostfile, history", async () => {
    world.events.push(...someEvents());
    const { cluster, nodes, hostfile, events } = await get<ClusterDetail>(`/api/clusters/${uuidOf(1)}`);
    expect([cluster.uuid, nodes.length, hostfile]).toEqual([uuidOf(1), 4, `/shared/.hostfile-${uuidOf(1)}`]);
    expect(events.map(({ code }) => code)).toEqual(["node-replaced", "job-started", "cluster-ready"]);
    expect(JSON.stringify(cluster)).not.toContain("secret-owner");
  });

  test("one that is gone is said in words", async () => {
    const answer = await browser.get(`/api/clusters/${uuidOf(99)}`);
    expect([answer.status, answer.json<ApiProblem>().message]).toEqual([
      502,
      `There is no cluster ${uuidOf(99)} any more: Terraform has destroyed it.`,
    ]);
  });

  describe("the one that the memory's writes are about", () => {
    beforeEach(async () => {
      world.clusters.length = 0;
      world.clusters.push(readyCluster(1, "alpha"));
      await start();
    });

    test("is parked, and resumed, as the commands do it", async () => {
      const parked = await done(`/api/clusters/${CLUSTER_UUID}/park`, { cancelJobs: false });
      expect(parked.task).toMatchObject({ status: "FINISHED", title: "Park cluster alpha" });
      expect(world.clusters[0]?.clusterStatus).toBe("PARKED");
      const resuming = (await browser.post(`/api/clusters/${CLUSTER_UUID}/resume`)).json<TaskView>();
      while (world.clusters[0]?.clusterStatus !== "INPROGRESS") await new Promise(setImmediate);
      const [cluster] = world.clusters;
      if (cluster !== undefined)
        world.clusters[0] = { ...cluster, clusterStatus: "FINISHED", hostfileNodes: 4 };
      expect((await ended(resuming)).task).toMatchObject({ status: "FINISHED" });
    });

    test("is not parked while it has a job; the task says why", async () => {
      const [job] = someJobs(CLUSTER_UUID, 1);
      if (job !== undefined) world.jobs.set(job.id, job);
      const { task } = await done(`/api/clusters/${CLUSTER_UUID}/park`, { cancelJobs: false });
      expect(task.status).toBe("FAILED");
      expect(task.message).toContain("Cluster alpha has jobs that run or wait");
    });

    test("is kept awake", async () => {
      const { status } = await browser.post(`/api/clusters/${CLUSTER_UUID}/keep-alive`, { minutes: 60 });
      expect([status, world.clusters[0]?.keepAliveUntil]).toEqual([
        200,
        expect.stringMatching(/^2026-01-01T01:/),
      ]);
    });
  });

  test.each([
    ["resize", { nodes: 0, afterJob: false }],
    ["resize", { nodes: 1.5, afterJob: false }],
    ["keep-alive", { minutes: 1_000_000 }],
  ])("%s with %j is refused before anything is done", async (what, body) => {
    const answer = await browser.post(`/api/clusters/${uuidOf(2)}/${what}`, body);
    expect([answer.status, answer.json<ApiProblem>().code]).toEqual([400, "invalid"]);
  });
});

describe("jobs", () => {
  beforeEach(() => {
    for (const job of someJobs(uuidOf(1), 130).toReversed()) world.jobs.set(job.id, job);
  });

  test("pages, filters and counts", async () => {
    const first = await get<JobPage>(`/api/jobs?cluster=${uuidOf(1)}`);
    expect([first.jobs.length, first.total, first.counts["INPROGRESS"]]).toEqual([50, 130, 1]);
    const last = await get<JobPage>(`/api/jobs?cluster=${uuidOf(1)}&page=99`);
    expect([last.page, last.jobs.length]).toEqual([2, 30]);
    const failed = await get<JobPage>(`/api/jobs?status=FAILED&text=helloworld`);
    expect(failed.jobs.every(({ status }) => status === "FAILED")).toBe(true);
    expect(failed.total).toBeGreaterThan(0);
  });

  test("10,000 jobs are a page of 50", async () => {
    for (const job of someJobs(uuidOf(2), 10_000).toReversed()) world.jobs.set(job.id, job);
    const answer = await browser.get(`/api/jobs?cluster=${uuidOf(2)}&page=150`);
    expect(answer.json<JobPage>()).toMatchObject({ total: 10_000, page: 150, pageSize: 50 });
    expect(answer.text.length).toBeLessThan(60_000);
  });

  test("of many clusters a person has to choose one", async () => {
    world.clusters.push(...Array.from({ length: 30 }, (_, index) => readyCluster(100 + index, `c-${index}`)));
    await start();
    const answer = await browser.get("/api/jobs");
    expect([answer.status, answer.json<ApiProblem>().code]).toEqual([409, "refused"]);
  });

  test("one shows what it asks for, without the values of its variables", async () => {
    const [job] = someJobs(uuidOf(1), 1);
    if (job === undefined) throw new Error("no job");
    world.jobs.set(job.id, { ...job, request: { ...job.request, environment: { TOKEN: "hush" } } });
    const answer = await browser.get(`/api/jobs/${uuidOf(1)}/${job.id}`);
    expect(answer.json<JobDetail>().facts).toContainEqual(["variables", "TOKEN"]);
    expect(answer.text).not.toContain("hush");
  });

  test("a form submits once for a key, whatever is in it checked at once", async () => {
    const form = { key: "key-of-the-form", command: "train.py --steps 10", fields: { processes: 4 } };
    const first = (await browser.post(`/api/jobs/${CLUSTER_UUID}`, form)).json<JobRow>();
    const again = (await browser.post(`/api/jobs/${CLUSTER_UUID}`, form)).json<JobRow>();
    expect([first.command, again.id]).toEqual(["train.py --steps 10", first.id]);
    expect(world.jobs.get(first.id)).toMatchObject({ submittedBy: world.caller, status: "NEW" });
    const bad = await browser.post(`/api/jobs/${CLUSTER_UUID}`, {
      ...{ key: "another-key", command: ":", fields: { environment: { MUSTER_X: "1", "1A": "2" } } },
    });
    expect(bad.status).toBe(400);
    expect(bad.json<ApiProblem>().message.split("\n")).toHaveLength(3);
  });

  test("a Python file travels with the job", async () => {
    const script = { name: "pi.py", content: "print(1)\n", arguments: "--n 5" };
    const row = (
      await browser.post(`/api/jobs/${CLUSTER_UUID}`, { key: "key-12345", script })
    ).json<JobRow>();
    expect(world.jobs.get(row.id)?.request).toEqual({
      ...{ command: ["pi.py", "--n", "5"], script: { name: "pi.py", content: "print(1)\n" } },
    });
  });

  test("again runs the same; cancel ends it", async () => {
    const [job] = someJobs(CLUSTER_UUID, 1);
    if (job !== undefined) world.jobs.set(job.id, job);
    const row = (
      await browser.post(`/api/jobs/${CLUSTER_UUID}/${job?.id}/again`, { key: "again-123" })
    ).json<JobRow>();
    expect(row).toMatchObject({ status: "NEW", command: "train.py --steps 20000" });
    expect((await browser.post(`/api/jobs/${CLUSTER_UUID}/${row.id}/cancel`)).json()).toEqual({
      status: "CANCELLED",
    });
    expect(await browser.post(`/api/jobs/${CLUSTER_UUID}/${row.id}/cancel`)).toMatchObject({ status: 409 });
  });

  describe("a log", () => {
    const [job] = someJobs(uuidOf(1), 1);
    const id = job?.id ?? "";
    const path = `/api/jobs/${uuidOf(1)}/${id}/log`;

    test("is followed, searched, and downloaded whole", async () => {
      world.logs.store(LOG_PREFIX, "one\ntwo\n");
      world.jobs.set(id, { ...(job as never as object), logPrefix: LOG_PREFIX } as never);
      expect(await get<LogWindow>(path)).toEqual({
        text: "one\ntwo\n",
        from: 0,
        to: 8,
        size: 8,
        isWhole: false,
      });
      world.logs.store(LOG_PREFIX, "three\n");
      expect(await get<LogWindow>(`${path}?from=8`)).toMatchObject({ text: "three\n", size: 14 });
      expect(await get(`${path}/search?text=two`)).toEqual({
        matches: [{ at: 4, line: "two" }],
        next: null,
        size: 14,
      });
      const log = world.logs.deliver(LOG_PREFIX);
      world.jobs.set(id, {
        ...(job as never as object),
        status: "FINISHED",
        log,
        logState: "delivered",
      } as never);
      const { text, headers } = await browser.get(`${path}/download`);
      expect([text, headers["content-length"]]).toEqual(["one\ntwo\nthree\n", undefined]);
      expect(headers["content-disposition"]).toBe(`attachment; filename="${id}-attempt-1.log"`);
    });

    test("that is not what was delivered breaks the download off", async () => {
      world.logs.store(LOG_PREFIX, "one\n");
      const log = world.logs.deliver(LOG_PREFIX);
      world.logs.spoil(LOG_PREFIX, 0, Buffer.from("two\n"));
      world.jobs.set(id, {
        ...(job as never as object),
        status: "FINISHED",
        log,
        logState: "delivered",
      } as never);
      await expect(browser.get(`${path}/download`)).rejects.toThrow();
    });

    test("of a job that was not launched says so", async () => {
      world.jobs.set(id, { ...(job as never as object), attempt: null, logPrefix: null } as never);
      expect((await browser.get(path)).json<ApiProblem>()).toMatchObject({
        ...{ code: "refused", message: expect.stringContaining("it has no output before its launch") },
      });
    });
  });
});

describe("notebooks", () => {
  beforeEach(() => void world.notebooks.set("explore", notebookItem({ clusterUuid: uuidOf(1) })));

  test("are listed with their clusters", async () => {
    expect(await get<readonly NotebookView[]>("/api/notebooks")).toMatchObject([
      { name: "explore", clusterName: "alpha", status: "FINISHED", kernels: 2, isOpen: false },
    ]);
  });

  test("one is opened at a port of its own, and entered by a code that is in no address", async () => {
    world.reached.add("10.0.0.7:8471");
    const { task } = await done("/api/notebooks/explore/open");
    expect(task).toMatchObject({ status: "FINISHED", message: "Notebook explore is open." });
    const entrance = (await browser.post("/api/notebooks/explore/enter")).json<NotebookEntrance>();
    expect(entrance).toEqual({ action: "http://127.0.0.1:4321/muster-session", code: "code-of-a-person" });
    expect(world.servings).toHaveLength(1);
    await served.close();
    expect(world.servings[0]?.isClosed).toBe(true);
    await start();
  });

  test("one that is not open can't be entered", async () => {
    expect(await browser.post("/api/notebooks/explore/enter")).toMatchObject({ status: 409 });
  });
});

describe("what is declared", () => {
  const change: Change = { kind: "add-cluster", cluster: { name: "beta", nodes: 2 } };
  beforeEach(() => {
    world.files.set("muster.yaml", Buffer.from(YAML));
    world.files.set("cdktf.json", Buffer.from("{}"));
  });
  const text = (): string => Buffer.from(world.readFile("muster.yaml")).toString();
  const plan = async (of: Change): Promise<PlanView> =>
    (await browser.post("/api/declared/plan", { change: of })).json<PlanView>();

  test("a change is shown first, and written and deployed then, with its output", async () => {
    const planned = await plan(change);
    expect(planned.diff).toContain("+  - name: beta");
    expect(planned.commands).toEqual([
      "npx --no-install cdktf deploy '*' --auto-approve --skip-provider-lock",
    ]);
    expect(text()).toBe(YAML);
    world.follows = (_argv, onLine) => {
      onLine("muster_acme_beta  Apply complete!");
      return 0;
    };
    const { task, lines } = await done("/api/declared/apply", { change, hash: planned.hash });
    expect(task).toMatchObject({
      status: "FINISHED",
      title: "Create cluster beta",
      message: "It is deployed.",
    });
    expect(lines).toContain("muster_acme_beta  Apply complete!");
    expect(text()).toBe(`${YAML}  - name: beta\n    nodes: 2\n`);
    expect(world.ran).toEqual([
      ["npx", "--no-install", "cdktf", "deploy", "*", "--auto-approve", "--skip-provider-lock"],
    ]);
  });

  test("every problem of the file after it is shown, and it is not written", async () => {
    const bad: Change = { kind: "add-cluster", cluster: { name: "Beta", nodes: 0 } };
    const { problems, hash } = await plan(bad);
    expect(problems.length).toBeGreaterThanOrEqual(2);
    expect(await browser.post("/api/declared/apply", { change: bad, hash })).toMatchObject({ status: 400 });
    expect(text()).toBe(YAML);
  });

  test("a file that was changed meanwhile is not overwritten", async () => {
    const { hash } = await plan(change);
    world.files.set("muster.yaml", Buffer.from(`${YAML}# more\n`));
    const answer = await browser.post("/api/declared/apply", { change, hash });
    expect([answer.status, world.ran]).toEqual([409, []]);
  });

  test("a removal destroys the stacks before the file forgets them; where that fails, it keeps them", async () => {
    const removal: Change = { kind: "remove-cluster", name: "alpha" };
    const { hash, commands } = await plan(removal);
    expect(commands).toEqual([expect.stringContaining("cdktf destroy muster_acme_alpha")]);
    world.follows = () => 1;
    const failed = await done("/api/declared/apply", { change: removal, hash });
    expect([failed.task.status, text()]).toEqual(["FAILED", YAML]);
    world.follows = () => 0;
    const done2 = await done("/api/declared/apply", { change: removal, hash });
    expect(done2.task.status).toBe("FINISHED");
    expect(text()).not.toContain("alpha");
  });

  test("a deploy that fails says so, and leaves the change in the file", async () => {
    const { hash } = await plan(change);
    world.follows = () => 1;
    const { task } = await done("/api/declared/apply", { change, hash });
    expect(task).toMatchObject({
      status: "FAILED",
      message: expect.stringContaining("cdktf ended with exit status 1"),
    });
    expect(text()).toContain("beta");
  });

  test("the console's end stops cdktf, and waits for it", async () => {
    const { hash } = await plan(change);
    let isStopped = false;
    world.follows = (_argv, _onLine, stop) =>
      new Promise((resolve) =>
        stop.addEventListener("abort", () => {
          isStopped = true;
          resolve(130);
        }),
      );
    await browser.post("/api/declared/apply", { change, hash });
    while (world.ran.length === 0) await new Promise(setImmediate);
    await served.close();
    expect(isStopped).toBe(true);
    await start();
  });

  test("another org's file is refused, and so is a folder without a project", async () => {
    world.files.set("muster.yaml", Buffer.from("org:\n  name: other\n  region: us-east-1\n"));
    expect(await browser.post("/api/declared/plan", { change })).toMatchObject({ status: 409 });
    world.files.delete("cdktf.json");
    expect(await get("/api/declared")).toBeNull();
    expect(await browser.post("/api/declared/deploy")).toMatchObject({ status: 409 });
  });
});

describe("the onboarding list", () => {
  const steps = async (): Promise<readonly string[]> =>
    (await get<readonly OnboardingStep[]>("/api/onboarding")).map(({ id, isDone }) => `${id} ${isDone}`);

  test("is checked off by what is there", async () => {
    expect(await steps()).toEqual([
      ...["credentials true", "project false", "org true", "image false"],
      ...["cluster true", "job false", "notebook false"],
    ]);
    world.files.set("muster.yaml", Buffer.from(YAML));
    world.files.set("cdktf.json", Buffer.from("{}"));
    world.notebooks.set("explore", notebookItem());
    for (const job of someJobs(uuidOf(1), 5)) world.jobs.set(job.id, job);
    await start({
      images: async () => [{ name: "mpi-1", family: "mpi", status: "FINISHED", createdAt: null, shares: [] }],
    });
    expect(await steps()).toEqual(
      ["credentials", "project", "org", "image", "cluster", "job", "notebook"].map((id) => `${id} true`),
    );
  });

  test("without rights each step says what it can't see", async () => {
    world.caller = null;
    const access = await accessOf(world);
    const list = () =>
      streamOf<never>(() =>
        Promise.reject(
          new NoRightsError("Could not list the clusters: the credentials lack this permission"),
        ),
      );
    await start({ access: { ...access, clusters: { ...access.clusters, list } } });
    expect(await steps()).toEqual([
      ...[
        "credentials false",
        "project false",
        "org false",
        "image false",
        "cluster null",
        "job null",
        "notebook false",
      ],
    ]);
  });
});

describe("an error", () => {
  test.each([
    ["no rights", new NoRightsError("The credentials lack this permission: add it."), 403, "no-rights"],
    ["no answer", new TransientError("DynamoDB does not answer."), 503, "busy"],
    ["another", failure("There is no registry table."), 502, "failed"],
    ["a mistake", new Error("x is undefined"), 502, "failed"],
  ])("%s has its status, its code and its words", async (_what, error, status, code) => {
    const access = await accessOf(world);
    await start({
      access: {
        ...access,
        clusters: { ...access.clusters, list: () => streamOf<never>(() => Promise.reject(error)) },
      },
    });
    const answer = await browser.get("/api/clusters");
    expect([answer.status, answer.json<ApiProblem>()]).toEqual([status, { code, message: error.message }]);
  });
});

describe("usage", () => {
  test("rows, days by cluster, and CSV", async () => {
    world.usage.clusters.push(...someUsage("2026-01"));
    world.prices = null;
    const usage = await get<UsageView>("/api/usage?month=2026-01");
    expect([usage.days.length, usage.rows.length, usage.costUsd]).toEqual([24, 3, null]);
    expect(usage.pricesProblem).toContain("no answer");
    const sum = usage.days.flatMap(({ clusters }) => clusters).reduce((all, { minutes }) => all + minutes, 0);
    expect(sum).toBe(usage.minutes);
    const csv = await browser.get("/api/usage.csv?month=2026-01");
    expect(csv.headers["content-disposition"]).toContain("muster-usage-acme-2026-01-by-cluster.csv");
    expect(csv.text.split("\r\n")).toHaveLength(5);
  });

  test("what lasts over midnight is of both days", async () => {
    const [one] = someUsage("2026-01");
    if (one === undefined) throw new Error("no usage");
    world.usage.clusters.push({
      ...{ ...one, nodes: 2, from: "2026-01-03T23:00:00.000Z", to: "2026-01-04T02:00:00.000Z" },
    });
    expect((await get<UsageView>("/api/usage?month=2026-01")).days).toEqual([
      { day: "2026-01-03", clusters: [{ name: "alpha", minutes: 120 }] },
      { day: "2026-01-04", clusters: [{ name: "alpha", minutes: 240 }] },
    ]);
  });
});

test("settings name the account, the role and the commands that clean it up", async () => {
  const settings = await get<SettingsView>("/api/settings");
  expect(settings).toMatchObject({ account: "123456789012", org: "acme", region: "us-east-1", role: null });
  expect(settings.cleanup.map(({ command }) => command)).toContain(
    "muster cleanup --org acme --region us-east-1",
  );
});

test("images come with each account that has one or is to have it", async () => {
  expect(await get("/api/images")).toEqual({ images: [] });
  world.images = [
    {
      ...{ id: "mpi-1.4.0-1f3a9c2b", family: "mpi", version: "1.4.0", createdAt: "2026-11-27T07:00:00.000Z" },
      ...{ isRelease: false, isReplaced: false, isWhole: true },
      copies: [
        {
          region: "us-east-1",
          ami: {
            ...{ id: "ami-1", state: "available", stateReason: null },
            ...{ launchableBy: ["222222222222"], readableBy: ["222222222222"] },
          },
        },
      ],
    },
  ];
  expect(await get("/api/images")).toEqual({
    images: [
      {
        ...{ name: "mpi-1.4.0-1f3a9c2b", family: "mpi", status: "FINISHED" },
        createdAt: "2026-11-27T07:00:00.000Z",
        shares: [{ account: "222222222222", region: "us-east-1", state: "SHARED", reason: null }],
      },
    ],
  });
});
