import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import type { ObservedCluster } from "../../../../agent/contract/nodes.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { planDestroy } from "../../../../scripts/cli/core/cdktf.js";
import { readDeclaredClusters } from "../../../../scripts/cli/core/declared.js";
import { parseDays, renderAge } from "../../../../scripts/cli/core/duration.js";
import { chooseReap, type ReapFacts } from "../../../../scripts/cli/core/reap.js";
import { observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const NOW = new Date("2026-02-01T00:00:00Z");
const PARKED = { clusterStatus: "PARKED", phase: "parked", statusChangedAt: "2026-01-01T00:00:00Z" } as const;
/** A destroy that failed at its last resource. */
const REMOVING = { ...PARKED, clusterStatus: "REMOVING", phase: "removing" } as const;
const DAY = 86_400;
const facts = (change: Partial<ReapFacts> = {}): ReapFacts => ({
  cluster: PARKED,
  declared: { isDedicated: false },
  unendedJobs: [],
  job: null,
  now: NOW,
  limitSeconds: null,
  ...change,
});
const done = { id: "j", status: "FINISHED", logState: "delivered" } as const;
const dedicated = (change: Partial<ReapFacts> = {}): ReapFacts =>
  facts({ cluster: { ...PARKED, dedicatedTo: "j" }, declared: { isDedicated: true }, job: done, ...change });

describe("whether a cluster is finished with", () => {
  test.each<[string, ReapFacts, "finished" | "left" | "kept", string]>([
    ["its one job is FINISHED", dedicated(), "finished", "job j, which it was made for, is FINISHED"],
    ["its one job FAILED", dedicated({ job: { ...done, status: "FAILED" } }), "finished", "is FAILED"],
    [
      "its one job was cancelled before it ran",
      dedicated({ job: { ...done, status: "CANCELLED", logState: "none" } }),
      "finished",
      "is CANCELLED",
    ],
    ["its log is lost", dedicated({ job: { ...done, logState: "lost" } }), "finished", "is FINISHED"],
    [
      "its log is not delivered",
      dedicated({ job: { ...done, logState: "pending" } }),
      "kept",
      "the log of job j, which it was made for, is not in the bucket yet",
    ],
    [
      "its job runs",
      dedicated({ job: { ...done, status: "INPROGRESS" }, unendedJobs: ["j"] }),
      "kept",
      "job j has not ended",
    ],
    ["another job waits", dedicated({ unendedJobs: ["k"] }), "kept", "job k has not ended"],
    ["its job was never submitted", dedicated({ job: null }), "kept", "was never submitted"],
    [
      "muster.yaml has it as dedicated no longer",
      dedicated({ declared: { isDedicated: false } }),
      "kept",
      "made for no job",
    ],
    [
      "muster.yaml does not declare it",
      dedicated({ declared: null }),
      "left",
      "muster.yaml does not declare it; job j",
    ],
    [
      "a destroy has taken its fleet, and nothing else",
      dedicated({ cluster: { ...PARKED, phase: "no-nodes", dedicatedTo: "j" } }),
      "finished",
      "is FINISHED",
    ],
    [
      "it is still parking",
      dedicated({ cluster: { ...PARKED, phase: "parking", dedicatedTo: "j" } }),
      "kept",
      "it is PARKED (parking), not parked",
    ],
    [
      "it is awake",
      dedicated({ cluster: { ...PARKED, clusterStatus: "FINISHED", phase: "ready", dedicatedTo: "j" } }),
      "kept",
      "it is FINISHED (ready), not parked",
    ],
    [
      "it FAILED",
      facts({ cluster: { ...PARKED, clusterStatus: "FAILED", phase: "waiting-for-nodes" }, limitSeconds: 1 }),
      "kept",
      "it is FAILED",
    ],
    ["a destroy of it has failed", facts({ cluster: REMOVING }), "finished", "a destroy of it has begun"],
    [
      "a destroy of it has failed, and muster.yaml does not declare it",
      facts({ cluster: REMOVING, declared: null }),
      "left",
      "muster.yaml does not declare it; a destroy of it has begun",
    ],
    [
      "a destroy has taken its fleet, and it has been parked for longer",
      facts({ cluster: { ...PARKED, phase: "no-nodes" }, limitSeconds: 30 * DAY }),
      "finished",
      "parked for 31d, longer than 30d",
    ],
    [
      "its nodes go",
      dedicated({
        cluster: { ...PARKED, clusterStatus: "INPROGRESS", phase: "draining", dedicatedTo: "j" },
      }),
      "kept",
      "it is INPROGRESS (draining), not parked",
    ],
    ["it is parked, and there is no limit", facts(), "kept", "parked for 31d, and made for no job"],
    [
      "it is parked for longer",
      facts({ limitSeconds: 30 * DAY }),
      "finished",
      "parked for 31d, longer than 30d",
    ],
    [
      "it is parked for as long",
      facts({ limitSeconds: 31 * DAY }),
      "kept",
      "parked for 31d, not longer than 31d",
    ],
    [
      "it is parked for longer, with a job",
      facts({ limitSeconds: 1, unendedJobs: ["k"] }),
      "kept",
      "job k has not",
    ],
    [
      "it is parked for longer, and not declared",
      facts({ limitSeconds: 1, declared: null }),
      "left",
      "parked for 31d",
    ],
    ["it is not declared and not finished with", facts({ declared: null }), "kept", "made for no job"],
    [
      "its log is not delivered, but the limit is over",
      dedicated({ job: { ...done, logState: "pending" }, limitSeconds: 1 }),
      "finished",
      "longer than 1s",
    ],
  ])("%s", (_name, given, is, why) => {
    expect(chooseReap(given)).toEqual({ is, why: expect.stringContaining(why) });
  });
});

describe("what it is decided by", () => {
  test.each([
    ["30d", 30 * DAY],
    ["12h", 12 * 3600],
    ["90", 90],
    ["0d", null],
    ["1.5d", null],
    ["30 d", null],
  ])("the time %s", (text, seconds) => {
    expect(parseDays(text)).toBe(seconds);
  });

  test.each([
    [47 * 3600, "47h"],
    [2 * DAY, "2d"],
    [90.4, "1m30s"],
  ])("%s s are said", (seconds, text) => {
    expect(renderAge(seconds)).toBe(text);
  });

  test("the clusters of muster.yaml, with anchors", () => {
    const text = [
      "x-base: &base {nodes: 2, dedicated: true}",
      "org: {name: acme}",
      "clusters: [{<<: *base, name: one}, {name: two}, {nodes: 3}]",
    ].join("\n");
    expect(readDeclaredClusters(text)).toEqual({
      org: "acme",
      clusters: [
        { name: "one", isDedicated: true },
        { name: "two", isDedicated: false },
      ],
    });
    for (const bad of ["", "org: acme", "org: {name: acme}\nclusters: 3", "{"])
      expect(readDeclaredClusters(bad)).toBeNull();
  });

  test("cdktf's call destroys the one stack, and asks nothing", () => {
    expect(planDestroy("muster_acme_one")).toEqual([
      ...["npx", "--no-install", "cdktf", "destroy", "muster_acme_one", "--auto-approve"],
      ...["--skip-provider-lock", "--ignore-missing-stack-dependencies"],
    ]);
  });
});

describe("muster reap", () => {
  let world: FakeWorld;
  const parked = (name: string, change: Partial<ObservedCluster> = {}) =>
    observedCluster({
      ...PARKED,
      statusChangedAt: "2025-01-01T00:00:00Z",
      uuid: `u-${name}`,
      name,
      ...change,
    });
  const reap = (...options: string[]) => world.run("reap", "--region", "us-east-1", ...options);
  const stacks = () => world.ran.map((argv) => argv[4]);
  const MUSTER_YAML = "org: {name: acme}\nclusters: [{name: a, dedicated: true}, {name: b}, {name: c}]\n";
  beforeEach(() => {
    world = new FakeWorld();
    world.files.set("muster.yaml", Buffer.from(MUSTER_YAML));
    world.files.set("cdktf.json", Buffer.from("{}"));
  });

  /** A cluster that was made for a job, which has ended. */
  function dedicatedCluster(name: string): JobItem {
    const job: JobItem = {
      ...newJob(`u-${name}`, name, { command: ["pi.py"] }, new Date(0)),
      ...{ status: "FINISHED", phase: "ended", logState: "delivered" },
    };
    world.jobs.set(job.id, job);
    world.clusters.push(parked(name, { dedicatedTo: job.id }));
    return job;
  }

  test("destroys a dedicated cluster whose job has ended, shows cdktf's lines under its name, and reports", async () => {
    const job = dedicatedCluster("a");
    world.clusters.push(parked("b"));
    world.follows = (_argv, onLine) => {
      onLine("Destroying \u001b[1mnow");
      return 0;
    };
    expect(await reap()).toBe(0);
    expect(stacks()).toEqual(["muster_acme_a"]);
    expect(world.said.filter((line) => line.startsWith("a | "))).toHaveLength(1);
    expect(world.said.join("")).not.toContain("\u001b");
    expect(world.out.split("\n")).toEqual([
      `a  destroyed after 0s: job ${job.id}, which it was made for, is FINISHED`,
      expect.stringMatching(/^b {2}kept: parked for 365d, and made for no job$/),
      "",
    ]);
    expect(world.said.at(-1)).toBe("1 destroyed, 1 kept.");
  });

  test("destroys what was parked for longer than the limit, one after another, and goes on after a failure", async () => {
    world.clusters.push(parked("b"), parked("c"), parked("elsewhere"));
    let running = 0;
    world.follows = async ([, , , , stack]) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return stack === "muster_acme_b" ? 3 : 0;
    };
    expect(await reap("--parked-longer-than", "30d", "--json")).toBe(1);
    expect(stacks()).toEqual(["muster_acme_b", "muster_acme_c"]);
    expect(JSON.parse(world.out)).toEqual({
      isDryRun: false,
      clusters: [
        expect.objectContaining({
          ...{ name: "b", uuid: "u-b", result: "failed", seconds: 0 },
          why: expect.stringContaining("cdktf ended with exit status 3"),
        }),
        expect.objectContaining({ name: "c", result: "destroyed" }),
        expect.objectContaining({ name: "elsewhere", result: "left", seconds: null }),
      ],
    });
  });

  test("finishes, without a limit, what a destroy before has left", async () => {
    world.clusters.push(parked("b", REMOVING), parked("c"));
    expect(await reap()).toBe(0);
    expect(stacks()).toEqual(["muster_acme_b"]);
    expect(world.out).toContain("b  destroyed after 0s: a destroy of it has begun");
  });

  test("a program that can't be started is a failure of that cluster", async () => {
    world.clusters.push(parked("b"));
    world.follows = () => {
      throw new Error("spawn npx ENOENT");
    };
    expect(await reap("--parked-longer-than", "30d")).toBe(1);
    expect(world.out).toContain("b  FAILED: parked for 365d, longer than 30d; spawn npx ENOENT");
  });

  test("only says what it would do with --dry-run", async () => {
    world.clusters.push(parked("b"));
    expect(await reap("--parked-longer-than", "30d", "--dry-run")).toBe(0);
    expect(world.ran).toEqual([]);
    expect(world.out).toBe("b  would be destroyed: parked for 365d, longer than 30d\n");
  });

  test("has nothing to do in an org without clusters", async () => {
    expect(await reap()).toBe(0);
    expect(world.said).toEqual(["The org has no clusters."]);
  });

  test("looks again before each: a cluster that was resumed meanwhile is kept", async () => {
    world.clusters.push(parked("b"), parked("c"));
    world.follows = () => {
      world.clusters[1] = parked("c", { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" });
      return 0;
    };
    expect(await reap("--parked-longer-than", "30d")).toBe(0);
    expect(stacks()).toEqual(["muster_acme_b"]);
    expect(world.out).toContain("c  kept: it is INPROGRESS (waiting-for-nodes), not parked");
  });

  test("asks cdktf to stop at a Ctrl-C, begins nothing more, and reports", async () => {
    world.clusters.push(parked("b"), parked("c"));
    world.follows = (_argv, _onLine, stop) => {
      expect(stop.aborted).toBe(false);
      world.interrupt();
      expect(stop.aborted).toBe(true);
      return 1;
    };
    expect(await reap("--parked-longer-than", "30d")).toBe(130);
    expect(stacks()).toEqual(["muster_acme_b"]);
    expect(world.out).toMatch(/^b {2}interrupted after 0s: .*exit status 1.*\nc {2}not begun: parked/);
    expect(world.listens).toBe(false);
  });

  test("stops in the same way when its time is over", async () => {
    world.clusters.push(parked("b"), parked("c"));
    world.follows = (_argv, _onLine, stop) =>
      new Promise((resolve) => stop.addEventListener("abort", () => resolve(0)));
    expect(await reap("--parked-longer-than", "30d", "--timeout", "1s")).toBe(4);
    expect(world.out).toMatch(/^b {2}destroyed.*\nc {2}not begun/);
  });

  test.each([
    ["no project", () => world.files.delete("cdktf.json"), [], "there is no cdktf.json here"],
    [
      "no muster.yaml",
      () => world.files.delete("muster.yaml"),
      ["--org", "acme"],
      "muster.yaml can't be read",
    ],
    ["another org", () => undefined, ["--org", "other"], "--org is other, and muster.yaml declares acme"],
    ["no time", () => undefined, ["--parked-longer-than", "soon"], "Give a duration: 30d, 12h, 90m."],
  ])("refuses to begin with %s", async (_name, change, options, message) => {
    world.clusters.push(parked("b"));
    change();
    expect(await reap(...options)).toBe(2);
    expect(world.said.join("\n")).toContain(message);
    expect(world.ran).toEqual([]);
  });
});
