import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import { DiagnosticError } from "../../../../provider/core/diagnostic.js";
import { poll } from "../../../../provider/core/poll.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import { applyResize } from "../../../../provider/resources/fleet/resize.js";
import { CLUSTER_UUID, clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const fleet = { owner: "o", group: "nodes", nodes: 3, since: "2026-01-01T00:00:00.000Z" };
const ready = { clusterStatus: "FINISHED", phase: "ready", hostfileNodes: 2, readyNodes: 2 } as const;

/** An apply that makes a fleet of three nodes one of two. `meanwhile` is what goes on before each look at META. */
async function shrink(
  cluster: Partial<ClusterItem>,
  meanwhile: (look: number, world: World) => void,
  timeoutMs = 600_000,
) {
  const runtime = fakeRuntime();
  const world: World = {
    item: clusterItem({
      ...{ clusterStatus: "FINISHED", phase: "ready", fleet, headInstanceId: "i-1", knownNodes: 3 },
      ...{ desiredNodes: 3, readyNodes: 3, hostfileNodes: 3 },
      ...cluster,
    }),
    jobs: [],
    desired: cluster.clusterStatus === "PARKED" ? 0 : 3,
    sizes: [],
  };
  let looks = 0;
  const describe = async () => ({ name: "nodes", minSize: 0, desired: world.desired, instances: [] });
  const client = {
    registry: {
      async readCluster() {
        meanwhile(looks++, world);
        return world.item;
      },
      async updateCluster({ set, remove }: Update) {
        world.item = { ...world.item, ...set };
        for (const name of remove) delete world.item[name as keyof ClusterItem];
        return world.item;
      },
      readNodes: async () => [nodeSummary("i-1"), nodeSummary("i-2")],
      note: async () => {},
    },
    jobs: { queue: async () => world.jobs.map((id) => ({ id, status: "INPROGRESS", submittedAt: "" })) },
    groups: {
      describe,
      async resize(_group: unknown, size: number) {
        world.sizes.push(size);
        world.desired = size;
      },
      activities: async () => [],
      liveInstances: async () => [],
      consoleLines: async () => [],
    },
  };
  const progress: string[] = [];
  const context = {
    ...runtime,
    client,
    poll: (what: string, look: () => Promise<{ progress?: string }>, times: never) =>
      poll(
        what,
        async () => {
          const seen = await look();
          if (seen.progress !== undefined && seen.progress !== progress.at(-1)) progress.push(seen.progress);
          return seen as never;
        },
        times,
        runtime,
      ),
  } as unknown as FleetContext;
  const claim = { from: "o", to: { ...fleet, nodes: 2 } };
  const resize = { clusterUuid: CLUSTER_UUID, group: await describe(), nodes: 2, claim, timeoutMs };
  const failed = await applyResize(resize, context).then(
    () => null,
    (error: unknown) => error,
  );
  const [diagnostic] = failed instanceof DiagnosticError ? failed.diagnostics : [];
  return { world, progress, failed, diagnostic };
}
interface World {
  item: ClusterItem;
  jobs: readonly string[];
  desired: number;
  readonly sizes: number[];
}

describe("an apply that makes a fleet smaller", () => {
  test("leaves it to the head which nodes go, waits for the job that uses them, and sets the maximum last", async () => {
    const { world, progress, failed } = await shrink({}, (look, seen) => {
      if (seen.item.clusterStatus === "INPROGRESS") expect(seen.sizes).toEqual([]);
      if (look === 1) {
        seen.jobs = ["j1"];
        const reason = "3 nodes are there, and 2 wanted; i-3 goes when the job on it has ended";
        seen.item = { ...seen.item, ...because("nodes-surplus", reason) };
      }
      if (look === 400) seen.jobs = [];
      if (look === 410) seen.item = { ...seen.item, ...ready, knownNodes: 2 };
    });
    expect(failed).toBeNull();
    expect(progress).toContainEqual(
      "waits for the end of job j1 (3 nodes are there, and 2 wanted; i-3 goes when the job on it has ended)",
    );
    expect([world.item.shrinksFrom, world.sizes]).toEqual([3, [2]]);
  });

  test("says at the time-out which job is in the way, and what to do; the group keeps its size", async () => {
    const { world, diagnostic } = await shrink(
      {},
      (_look, seen) => {
        seen.jobs = ["j1"];
      },
      60_000,
    );
    expect(diagnostic?.summary).toBe("The fleet still has 3 nodes instead of 2");
    expect(diagnostic?.detail).toMatch(/Timed out after 1m.*job j1 still uses the nodes/s);
    expect(diagnostic?.detail).toMatch(/Next: wait for the end of job j1.*muster job cancel j1.*apply again/);
    expect(world.item).toMatchObject({ clusterStatus: "FAILED", reasonCode: "resize-timed-out" });
    expect(world.sizes).toEqual([]);
  });

  test.each<[string, Partial<ClusterItem>]>([
    ["was never ready", { clusterStatus: "FAILED", headInstanceId: null, leaseGeneration: 0, readyNodes: 0 }],
    ["has lost all its nodes, its head among them", { knownNodes: 0, readyNodes: 0 }],
  ])("of a cluster that %s sets the group itself", async (_name, cluster) => {
    const { world, failed } = await shrink(cluster, (_look, seen) => {
      if (seen.sizes.length > 0) seen.item = { ...seen.item, ...ready };
    });
    expect(failed).toBeNull();
    expect(world.sizes[0]).toBe(2);
  });

  test("that another one follows leaves registry and group with the later one's number", async () => {
    const { world, diagnostic } = await shrink({}, (look, seen) => {
      if (look !== 3) return;
      const { shrinksFrom: _, ...item } = seen.item;
      seen.item = { ...item, desiredNodes: 5 };
      seen.desired = 5;
    });
    expect(diagnostic?.reasonCode).toBe("resize-superseded");
    expect([world.item.desiredNodes, world.desired, world.sizes]).toEqual([5, 5, []]);
  });

  test("of a parked cluster that gets fewer nodes than before sets the group at once", async () => {
    const parked = { clusterStatus: "PARKED", phase: "parked", desiredNodes: 0, knownNodes: 0 } as const;
    const { world } = await shrink(parked, (_look, seen) => {
      seen.item = { ...seen.item, ...(seen.sizes.length > 0 ? ready : {}) };
    });
    expect(world.sizes[0]).toBe(2);
  });
});
