import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import type { ObservedCluster } from "../../../../agent/contract/nodes.js";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const ready = observedCluster({
  ...{ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, cores: 4, fleet, idleTimeoutMinutes: 60 },
  nodes: [nodeSummary("i-1"), nodeSummary("i-2")],
});
const parked: ObservedCluster = {
  ...observedCluster({ clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, fleet }),
  park: { at: "2026-01-01T00:00:00.000Z", nodes: 2, releasedAt: "2026-01-01T00:00:01.000Z" },
};
const source = (name: "job" | "ssh", state: "active" | "idle") => ({
  ...{ source: name, state, lastAt: "2026-01-01T00:05:00.000Z", detail: null },
});
const activity = {
  ...{ observedAt: "2026-01-01T00:09:30.000Z", idleSince: "2026-01-01T00:05:00.000Z" },
  parksAt: "2026-01-01T01:05:00.000Z",
  sources: [source("job", "idle")],
};

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.files.set("pi.py", Buffer.from("print(3)\n"));
});
const use = (cluster: ObservedCluster): void => void world.clusters.push(cluster);
const cluster = () => world.clusters[0];
const putJob = () => {
  const job = newJob(CLUSTER_UUID, "k", { command: ["pi.py"] }, world.now());
  world.jobs.set(job.id, job);
  return job;
};

describe("muster cluster park", () => {
  test("parks a cluster without jobs, and says who did", async () => {
    use(ready);
    expect(await world.run("cluster", "park", ...HERE)).toBe(0);
    expect(cluster()).toMatchObject({
      ...{ clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, reasonCode: "parked-on-request" },
      reason: "parked by arn:aws:iam::123456789012:user/ada",
    });
    expect([world.sizes, world.noted]).toEqual([["nodes 0"], ["park-begun", "parked"]]);
    expect(world.said.join()).toContain("muster cluster resume --org acme --cluster demo");
  });

  test.each<[string, Partial<ObservedCluster>, string]>([
    [
      "is resized",
      { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" },
      "wait until its apply has ended",
    ],
    ["has no fleet", { clusterStatus: "PARKED", phase: "no-nodes", fleet: undefined as never }, ""],
    ["is being removed", { clusterStatus: "REMOVING", phase: "removing" }, "does not accept"],
  ])("of a cluster that %s changes nothing", async (_name, change, says) => {
    use({ ...ready, ...change });
    expect(await world.run("cluster", "park", ...HERE)).toBe(says === "" ? 0 : 3);
    expect(world.said.join()).toContain(says);
    expect([cluster(), world.sizes]).toEqual([{ ...ready, ...change }, []]);
  });

  test("is refused while a job runs or waits, and names it", async () => {
    use(ready);
    const job = putJob();
    expect(await world.run("cluster", "park", ...HERE)).toBe(3);
    expect(world.said.join()).toMatch(new RegExp(`run or wait: ${job.id}.*--cancel-jobs`));
    expect([cluster(), world.sizes]).toEqual([ready, []]);
  });

  test("cancels the jobs where it is to, and waits for their end", async () => {
    use(ready);
    const waiting = putJob();
    const running = {
      ...newJob(CLUSTER_UUID, "r", { command: ["e.py"] }, world.now()),
      status: "INPROGRESS",
    } as const;
    world.jobs.set(running.id, running);
    world.meanwhile = (look) => {
      expect(world.sizes).toEqual([]);
      if (look === 3) world.jobs.set(running.id, { ...running, status: "CANCELLED" });
    };
    expect(await world.run("cluster", "park", "--cancel-jobs", ...HERE)).toBe(0);
    expect(world.jobs.get(waiting.id)).toMatchObject({ status: "CANCELLED" });
    expect(cluster()).toMatchObject({ phase: "parked" });
  });

  test("gives a resume up that gets no nodes", async () => {
    const resume = { at: "2026-01-01T00:00:00.000Z", by: "ada" };
    use({ ...ready, clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", resume });
    expect(await world.run("cluster", "park", ...HERE)).toBe(0);
    expect(cluster()).toMatchObject({ phase: "parked" });
  });

  test("goes on with a park that another program began", async () => {
    use({ ...parked, phase: "parking", park: { at: "2026-01-01T00:00:00.000Z", nodes: 2 } });
    expect(await world.run("cluster", "park", ...HERE)).toBe(0);
    expect([cluster()?.phase, world.sizes]).toEqual(["parked", ["nodes 0"]]);
  });
});

describe("muster cluster resume", () => {
  const becomeReady = (look: number) => {
    if (look === 2 && cluster()?.clusterStatus === "INPROGRESS")
      world.clusters[0] = { ...ready, desiredNodes: 2 };
  };

  test("asks for the nodes of before the park, and waits until they are ready", async () => {
    use(parked);
    world.meanwhile = becomeReady;
    expect(await world.run("cluster", "resume", "--json", ...HERE)).toBe(0);
    expect([world.sizes, world.noted]).toEqual([["nodes 2"], ["resumed"]]);
    expect(world.said).toContainEqual(expect.stringContaining("cluster demo gets 2 nodes"));
    expect(world.said).toContainEqual(
      expect.stringContaining("0 of 2 nodes are ready: 2 have not registered"),
    );
    expect(JSON.parse(world.out)).toMatchObject({ clusterStatus: "FINISHED" });
  });

  test("does not wait where it is not to", async () => {
    use(parked);
    expect(await world.run("cluster", "resume", "--no-wait", ...HERE)).toBe(0);
    expect(cluster()).toMatchObject({
      clusterStatus: "INPROGRESS",
      resume: { by: expect.stringContaining("ada") },
    });
  });

  test("of a cluster that is awake changes nothing", async () => {
    use(ready);
    expect(await world.run("cluster", "resume", ...HERE)).toBe(0);
    expect([cluster(), world.sizes]).toEqual([ready, []]);
    expect(world.said.join()).toContain("is not parked");
  });

  test("of a cluster without a fleet is refused", async () => {
    use({ ...parked, phase: "no-nodes", fleet: undefined as never });
    expect(await world.run("cluster", "resume", ...HERE)).toBe(3);
    expect(world.said.join()).toContain("Apply its muster_fleet");
  });

  test("fails with the reason where the head gives up: 20 of 32 nodes", async () => {
    use(parked);
    const reason = "20 of 32 nodes were ready 30m after the cluster was resumed";
    world.meanwhile = () => {
      world.clusters[0] = { ...parked, reasonCode: "resume-timed-out", reason };
    };
    expect(await world.run("cluster", "resume", ...HERE)).toBe(1);
    expect(world.said.join()).toContain(`Cluster demo is PARKED: ${reason}.`);
  });

  test("stops waiting when --timeout is over; the cluster goes on", async () => {
    use(parked);
    expect(await world.run("cluster", "resume", "--timeout", "1s", ...HERE)).toBe(4);
    expect(cluster()).toMatchObject({ clusterStatus: "INPROGRESS" });
  });
});

describe("a job that is submitted to a parked cluster", () => {
  test("resumes it", async () => {
    use(parked);
    expect(await world.run("job", "submit", ...HERE, "pi.py")).toBe(0);
    const [job] = world.jobs.values();
    expect(cluster()).toMatchObject({
      clusterStatus: "INPROGRESS",
      desiredNodes: 2,
      resume: { by: `job ${job?.id}` },
    });
    expect(world.sizes).toEqual(["nodes 2"]);
  });

  test("is refused where the cluster is to stay parked, and nothing is submitted", async () => {
    use({ ...parked, resumeOnJob: false });
    expect(await world.run("job", "submit", ...HERE, "pi.py")).toBe(3);
    expect(world.said.join()).toContain("cluster-stays-parked");
    expect([world.jobs.size, world.sizes]).toEqual([0, []]);
  });
});

describe("a budget that is spent", () => {
  const spent = () => ({
    budget: { maxHours: 10, maxCost: null, pricePerHour: null },
    budgetUse: {
      ...{ month: world.now().toISOString().slice(0, 7), nodeMs: 36_000_000 },
      at: world.now().toISOString(),
    },
  });

  test("refuses jobs, a resume and a resize, with its code, and changes nothing", async () => {
    use({ ...parked, ...spent() });
    expect(await world.run("job", "submit", ...HERE, "pi.py")).toBe(3);
    expect(await world.run("cluster", "resume", ...HERE)).toBe(3);
    expect(await world.run("cluster", "resize", ...HERE, "--nodes", "4")).toBe(3);
    const said = world.said.filter((line) => line.includes("cluster-budget-spent"));
    expect(said).toHaveLength(3);
    expect(said[0]).toContain("give it a higher budget");
    expect([world.jobs.size, world.sizes, cluster()?.clusterStatus]).toEqual([0, [], "PARKED"]);
  });

  test("is shown with its figures, its code, and a warning", async () => {
    use({ ...ready, ...spent() });
    expect(await world.run("cluster", "show", ...HERE)).toBe(0);
    expect(world.written.join("")).toMatch(
      /budget +100 % used in .*: 10\.00 of 10 node hours \(budget-spent\)/,
    );
    expect(world.said.join()).toContain("has used 100 % of its budget");
    world.written.length = 0;
    expect(await world.run("cluster", "show", ...HERE, "--json")).toBe(0);
    expect(JSON.parse(world.written.join(""))).toMatchObject({
      budgetNow: { hours: 10, share: 1, reasonCode: "budget-spent" },
    });
  });
});

describe("the time left", () => {
  test("is in the list, in a cluster's own table, and in its activity", async () => {
    use({ ...ready, activity });
    for (const command of ["list", "show", "activity"]) {
      world.written.length = 0;
      const place = command === "list" ? ["--org", "acme"] : HERE;
      expect(await world.run("cluster", command, ...place)).toBe(0);
      expect(world.out).toContain("55m");
    }
    expect(world.out).toMatch(/^job +idle +2026-01-01T00:05:00.000Z/m);
  });

  test.each<[string, Partial<ObservedCluster>, string]>([
    ["never parks", { idleTimeoutMinutes: null, activity: { ...activity, parksAt: null } }, "never parks"],
    [
      "is active",
      { activity: { ...activity, parksAt: null, sources: [source("ssh", "active")] } },
      "active: ssh",
    ],
    [
      "is kept awake",
      { activity, keepAliveUntil: "2026-01-01T02:00:00.000Z" },
      "kept until 2026-01-01T02:00:00.000Z",
    ],
    ["has had no head", {}, "unknown: job, queue"],
  ])("of a cluster that %s", async (_name, change, shown) => {
    use({ ...ready, ...change });
    expect(await world.run("cluster", "activity", ...HERE)).toBe(0);
    expect(world.out).toContain(`time left     ${shown}`);
  });

  test("of a parked cluster is none, whatever was seen before", async () => {
    use({ ...parked, activity });
    expect(await world.run("cluster", "activity", "--json", ...HERE)).toBe(0);
    expect(JSON.parse(world.out)).toMatchObject({ parksAt: null, secondsLeft: null, observedAt: null });
  });
});

describe("muster cluster keep-alive", () => {
  test.each([
    [[], "2026-01-01T01:10:00.000Z"],
    [["--for", "90s"], "2026-01-01T00:12:00.000Z"],
    [["--for", "24h"], "2026-01-02T00:10:00.000Z"],
  ])("%j holds until %s", async (options, until) => {
    use(ready);
    expect(await world.run("cluster", "keep-alive", "--json", ...options, ...HERE)).toBe(0);
    expect(cluster()?.keepAliveUntil).toBe(until);
    expect(JSON.parse(world.out)).toEqual({ keepAliveUntil: until });
  });

  test("is bounded, and refused for a cluster that is parked", async () => {
    use(parked);
    expect(await world.run("cluster", "keep-alive", "--for", "25h", ...HERE)).toBe(2);
    expect(await world.run("cluster", "keep-alive", ...HERE)).toBe(3);
    expect(world.said.join()).toContain("muster cluster resume");
  });
});
