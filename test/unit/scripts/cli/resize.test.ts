import { beforeEach, describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import type { ObservedCluster } from "../../../../agent/contract/nodes.js";
import { because } from "../../../../agent/contract/reasons.js";
import { CLUSTER_UUID, nodeSummary, observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const ready = observedCluster({
  ...{ clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, cores: 4, fleet, headInstanceId: "i-1" },
  ...{ desiredNodes: 2, nodes: [nodeSummary("i-1"), nodeSummary("i-2")] },
});
const theirs = { at: "2026-01-01T00:09:00.000Z", by: "bob" };

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(ready);
});
const cluster = () => world.clusters[0];
const set = (change: Partial<ObservedCluster>): void => {
  world.clusters[0] = { ...(world.clusters[0] ?? ready), ...change };
};
const resize = (nodes: number, ...more: string[]) =>
  world.run("cluster", "resize", "--nodes", String(nodes), ...more, ...HERE);
function runJob() {
  const job = {
    ...newJob(CLUSTER_UUID, "r", { command: ["e.py"] }, world.now()),
    status: "INPROGRESS",
  } as const;
  world.jobs.set(job.id, job);
  return { job, end: () => world.jobs.set(job.id, { ...job, status: "FINISHED" }) };
}

describe("muster cluster resize", () => {
  test("asks for more nodes, keeps the fleet's owner, and waits until they are ready", async () => {
    world.meanwhile = () => set({ clusterStatus: "FINISHED", hostfileNodes: 4 });
    expect(await resize(4)).toBe(0);
    expect(cluster()).toMatchObject({
      desiredNodes: 4,
      fleet,
      resize: { by: expect.stringContaining("ada") },
    });
    expect([world.sizes, world.noted]).toEqual([["nodes 4 at most"], ["resize-begun"]]);
  });

  test("shrinks while a job runs, which ends first, and leaves it to the head which nodes go", async () => {
    const { job, end } = runJob();
    world.meanwhile = (look) => {
      expect([cluster()?.desiredNodes, world.sizes]).toEqual([1, []]);
      if (look === 2)
        set(
          because("nodes-surplus", "2 nodes are there, and 1 wanted; i-2 goes when the job on it has ended"),
        );
      if (look === 4) end();
      if (look === 6) set({ clusterStatus: "FINISHED", knownNodes: 1, hostfileNodes: 1 });
    };
    expect(await resize(1, "--after-job")).toBe(0);
    expect(world.said).toContainEqual(
      expect.stringMatching(new RegExp(`waits for the end of job ${job.id}.*i-2 goes when the job`)),
    );
    // The maximum.
    expect([cluster()?.shrinksFrom, world.sizes]).toEqual([2, ["nodes 1 at most"]]);
  });

  test("sets the group itself where no head answers and no job runs, and says so", async () => {
    set({ headInstanceId: null });
    expect(await resize(1, "--no-wait")).toBe(0);
    expect(world.said).toContainEqual(expect.stringContaining("no head node ends its nodes"));
    expect(world.sizes).toEqual(["nodes 1 at most"]);
  });

  test("of a cluster that has more nodes than are wanted asks for them to go", async () => {
    set({ knownNodes: 3 });
    world.meanwhile = () => set({ clusterStatus: "FINISHED", knownNodes: 2, hostfileNodes: 2 });
    expect(await resize(2)).toBe(0);
    expect([cluster()?.shrinksFrom, world.noted]).toEqual([3, ["resize-begun"]]);
  });

  test("that has failed is asked for again, with the same number", async () => {
    set({ clusterStatus: "FAILED", desiredNodes: 4, ...because("resize-timed-out", "2 of 4") });
    expect(await resize(4, "--no-wait")).toBe(0);
    expect([cluster()?.clusterStatus, cluster()?.reasonCode, world.sizes]).toEqual([
      ...["INPROGRESS", null],
      ["nodes 4 at most"],
    ]);
  });

  test("that fails while it waits says why", async () => {
    world.meanwhile = () =>
      set({ clusterStatus: "FAILED", ...because("resize-timed-out", "2 of 4 nodes are ready") });
    expect(await resize(4)).toBe(1);
    expect(world.said.join()).toContain("is FAILED: 2 of 4 nodes are ready");
  });

  test.each<[string, Partial<ObservedCluster>, string]>([
    ["is parked", { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0 }, "muster cluster resume"],
    ["is being removed", { clusterStatus: "REMOVING", phase: "removing" }, "being removed"],
    ["has no fleet", { fleet: undefined as never }, "has no fleet"],
    ["an apply resizes", { clusterStatus: "INPROGRESS", phase: "waiting-for-nodes" }, "its apply has ended"],
  ])("of a cluster that %s is refused, and changes nothing", async (_name, change, says) => {
    set(change);
    const before = cluster();
    expect(await resize(4)).toBe(3);
    expect(world.said.join()).toContain(says);
    expect([cluster(), world.sizes]).toEqual([before, []]);
  });

  test.each(["0", "1001", "two"])("to %s nodes is invalid", async (nodes) => {
    expect(await world.run("cluster", "resize", "--nodes", nodes, ...HERE)).toBe(2);
    expect(world.said.join()).toContain("from 1 to 1000");
  });

  test("is refused while a job runs, and waits for its end where it is to", async () => {
    const { job, end } = runJob();
    expect(await resize(4)).toBe(3);
    expect(world.said.join()).toMatch(new RegExp(`runs job ${job.id}.*--after-job`));
    expect([cluster(), world.sizes]).toEqual([ready, []]);
    world.meanwhile = (look) => {
      expect(world.sizes).toEqual([]);
      if (look === 2) end();
    };
    expect(await resize(4, "--after-job", "--no-wait")).toBe(0);
    expect(world.sizes).toEqual(["nodes 4 at most"]);
  });

  test("of two at once the one that comes second is refused, and says who was first", async () => {
    const { end } = runJob();
    world.meanwhile = () => {
      end();
      set({ clusterStatus: "INPROGRESS", desiredNodes: 3, resize: theirs });
    };
    expect(await resize(4, "--after-job")).toBe(3);
    expect(world.said.join()).toContain("bob was first: cluster demo is to have 3 nodes");
    expect([cluster()?.desiredNodes, world.sizes]).toEqual([3, []]);
  });

  test("that a later one replaces sets the group to the later one's number, and fails", async () => {
    world.meanwhile = () =>
      set({ clusterStatus: "INPROGRESS", desiredNodes: 3, resize: theirs, shrinksFrom: undefined as never });
    expect(await resize(1)).toBe(1);
    expect(world.said.join()).toContain("bob has asked for 3 nodes of cluster demo since");
    expect([cluster()?.desiredNodes, world.sizes]).toEqual([3, ["nodes 3 at most"]]);
  });

  test("run again, goes on where one before has ended", async () => {
    set({ clusterStatus: "INPROGRESS", desiredNodes: 4, resize: theirs });
    expect(await resize(4, "--no-wait")).toBe(0);
    expect([world.sizes, world.noted]).toEqual([["nodes 4 at most"], []]);
  });
});
