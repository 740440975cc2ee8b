import { createHash } from "node:crypto";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { withColours } from "../../../../scripts/cli/core/colours.js";
import { createStatusLine } from "../../../../scripts/cli/system/status-line.js";
import { nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld, LOG_PREFIX } from "../../../support/cli/fake-world.js";
import { notebookItem } from "../../../support/notebook-item.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const RUNNING = { status: "INPROGRESS", phase: "running", ranks: 4 } as const satisfies Partial<JobItem>;
const ended = (status: JobItem["status"], exitCode: number | null): Partial<JobItem> => ({
  ...{ status, phase: "ended", exitCode, endedAt: "2026-01-01T00:10:02.500Z", attempt: 1 },
  ...{ logPrefix: LOG_PREFIX, logState: "delivered" },
  log: {
    ...{ uri: `${LOG_PREFIX}manifest.json`, bytes: 3, parts: 1 },
    sha256: createHash("sha256").update("3.\n").digest("hex"),
  },
});

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(
    observedCluster({
      ...{ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2 },
      nodes: [nodeSummary("i-1"), nodeSummary("i-2")],
    }),
  );
  world.files.set("pi.py", Buffer.from("print(3)\n"));
  world.logs.store(LOG_PREFIX, "3.\n");
  world.logs.deliver(LOG_PREFIX);
});
const latest = (): JobItem => [...world.jobs.values()].at(-1) as JobItem;
const submitted = async (): Promise<string> => {
  await world.run("job", "submit", ...HERE, "pi.py");
  world.said.length = 0;
  world.written.length = 0;
  return latest().id;
};

test.each(["job run", "job submit", "job cancel", "cluster resume", "cluster resize", "notebook start"])(
  "muster %s has --wait and --no-wait, and says which is the default",
  async (words) => {
    expect(await world.run(...words.split(" "), "--help")).toBe(0);
    expect(world.out).toMatch(/--wait +wait until [\s\S]*?\(default:\s+(?:true|false)\)/);
    expect(world.out).toMatch(/--no-wait +do not wait until /);
  },
);

describe("a Ctrl-C, or the end of --timeout, while a command waits: what it has begun goes on, which is said", () => {
  const parked = () => {
    const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
    world.clusters[0] = observedCluster({
      ...{ clusterStatus: "PARKED", phase: "parked", nodes: [], hostfileNodes: 0, desiredNodes: 2, fleet },
    });
  };
  test.each([
    [
      "cluster resume",
      HERE,
      parked,
      "the cluster gets its nodes all the same; see how far it is with `muster cluster show --org acme --cluster demo`",
    ],
    [
      "cluster resize --after-job --nodes 1",
      HERE,
      () => {
        const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
        Object.assign(world.clusters[0] ?? {}, { fleet, desiredNodes: 2 });
        world.changeJob(RUNNING);
      },
      "run the same again to go on with the resize; `muster cluster show --org acme --cluster demo` says how far it is",
    ],
    [
      "cluster park --cancel-jobs",
      HERE,
      () => world.changeJob(RUNNING),
      "the jobs that were cancelled end all the same, and the cluster is not parked; run the same again to go on",
    ],
    [
      "notebook start explore",
      ["--org", "acme"],
      () =>
        world.notebooks.set("explore", notebookItem({ status: "PARKED", phase: "parked", instanceId: null })),
      "the notebook starts all the same; see how far it is with `muster notebook show explore --org acme`",
    ],
    [
      "notebook open explore",
      ["--org", "acme"],
      () =>
        world.notebooks.set("explore", notebookItem({ status: "PARKED", phase: "parked", instanceId: null })),
      "the notebook starts all the same; run the same again to open it, or stop it with `muster notebook stop explore --org acme`",
    ],
  ])("muster %s", async (words, place, prepare, goesOn) => {
    await submitted();
    prepare();
    world.meanwhile = (look) => look === 2 && world.interrupt();
    expect(await world.run(...words.split(" "), ...place)).toBe(130);
    expect(world.said.at(-2)).toBe(goesOn);
    expect(world.listens).toBe(false);
    prepare();
    world.meanwhile = () => undefined;
    expect(await world.run(...words.split(" "), ...place, "--timeout", "1s")).toBe(4);
    expect(world.said.slice(-2)).toEqual([goesOn, "Timed out after 1s (--timeout)."]);
  });
});

describe("muster job submit --wait", () => {
  test.each([
    ["FINISHED", 0, 0],
    ["FAILED", 7, 7],
    ["CANCELLED", null, 1],
  ] as const)(
    "prints the id, waits, and of a job that is %s with %p ends with %i",
    async (status, code, exit) => {
      world.meanwhile = (look) => look === 3 && world.changeJob(ended(status, code));
      expect(await world.run("job", "submit", "--wait", ...HERE, "pi.py")).toBe(exit);
      expect(world.out).toBe(`${latest().id}\n`);
      expect(world.said.join("\n")).toContain(status);
    },
  );

  test("with --json prints the job as it has ended, and nothing else", async () => {
    world.meanwhile = () => world.changeJob(ended("FINISHED", 0));
    expect(await world.run("job", "submit", "--wait", "--json", ...HERE, "pi.py")).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ id: latest().id, status: "FINISHED", exitCode: 0 });
  });

  test("after --timeout or a Ctrl-C the job runs on, which is said", async () => {
    world.meanwhile = () => world.interrupt();
    expect(await world.run("job", "submit", "--wait", ...HERE, "pi.py")).toBe(130);
    expect([latest().status, latest().cancelRequested]).toEqual(["NEW", false]);
    expect(world.said.join("\n")).toContain(`muster job logs -f ${latest().id}`);
  });
});

test("muster job run --no-wait submits, prints the id, and ends", async () => {
  world.meanwhile = () => {
    throw new Error("it waits");
  };
  expect(await world.run("job", "run", "--no-wait", ...HERE, "pi.py")).toBe(0);
  expect([world.out, latest().status]).toEqual([`${latest().id}\n`, "NEW"]);
});

describe("muster job cancel --wait", () => {
  test("waits until the head has stopped a running job", async () => {
    const id = await submitted();
    world.changeJob(RUNNING);
    world.meanwhile = (look) => look === 2 && world.changeJob(ended("CANCELLED", null));
    expect(await world.run("job", "cancel", "--wait", "--json", id, ...HERE)).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ id, status: "CANCELLED" });
  });

  test("fails where the job has ended by itself before", async () => {
    const id = await submitted();
    world.changeJob(RUNNING);
    world.meanwhile = () => world.changeJob(ended("FINISHED", 0));
    expect(await world.run("job", "cancel", "--wait", id, ...HERE)).toBe(1);
    expect(world.said.at(-1)).toContain("FINISHED");
  });

  test("of a job that waits ends at once", async () => {
    const id = await submitted();
    world.meanwhile = () => {
      throw new Error("it waits");
    };
    expect(await world.run("job", "cancel", "--wait", id, ...HERE)).toBe(0);
    expect(world.said).toEqual([`job ${id} is CANCELLED`]);
  });
});

test("on a terminal what is waited for is shown there, and elsewhere said once", async () => {
  const id = await submitted();
  world.meanwhile = (look) => look === 4 && world.changeJob(ended("FINISHED", 0));
  const shown: string[] = [];
  world.waits = (line) => void shown.push(line);
  expect(await world.run("job", "wait", id, ...HERE)).toBe(0);
  expect(shown.length).toBeGreaterThan(1);
  expect(shown[0]).toContain(`job ${id}: `);
  expect(world.said.filter((line) => shown.includes(line))).toEqual([]);
});

test.each([
  [true, "\x1b[32mFINISHED\x1b[39m"],
  [false, "FINISHED"],
])("where colours are %p, a status is %j, and the document has none", async (isColoured, status) => {
  world.coloured = { stdout: isColoured, stderr: isColoured };
  await submitted();
  world.changeJob(ended("FINISHED", 0));
  await world.run("job", "list", ...HERE);
  expect(world.out).toContain(`${latest().id}  ${status} `);
  world.written.length = 0;
  await world.run("job", "list", "--json", ...HERE);
  expect(world.out).not.toContain("\x1b");
  expect(withColours("a NEWS of NEW_VAR and finished")).toBe("a NEWS of NEW_VAR and finished");
});

describe("the line that says what is waited for", () => {
  function screen() {
    const written: string[] = [];
    const clock = { ms: 0 };
    const line = createStatusLine({ columns: 30, write: (text) => written.push(text) }, () => clock.ms);
    return { line, written, clock, text: () => written.splice(0).join("") };
  }

  test("replaces itself, counts the time while it is the same, and goes when something is said", () => {
    const { line, clock, text } = screen();
    line.show("2 nodes");
    expect(text()).toBe("\r\x1b[K\\ 2 nodes");
    clock.ms = 65_400;
    line.show("2 nodes");
    expect(text()).toBe("\r\x1b[K| 2 nodes (1m5s)");
    line.show("1 node");
    expect(text()).toBe("\r\x1b[K/ 1 node");
    line.clear();
    line.clear();
    expect(text()).toBe("\r\x1b[K");
  });

  test("is never wider than the screen, where it would wrap and stay", () => {
    const { line, text } = screen();
    line.show("x".repeat(100));
    expect(text().replace("\r\x1b[K", "").length).toBeLessThan(30);
    line.clear();
  });

  test("does not overwrite a line of output that is not finished", () => {
    const { line, text } = screen();
    line.wrote(Buffer.from("50 %"));
    line.show("2 nodes");
    line.clear();
    expect(text()).toBe("");
    line.wrote(Buffer.from(" done\n"));
    line.show("2 nodes");
    expect(text()).toContain("2 nodes");
    line.clear();
  });
});
