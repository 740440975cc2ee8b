import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import { DiagnosticError, type Warning } from "../../../../provider/core/diagnostic.js";
import { poll } from "../../../../provider/core/poll.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import { applyDrain } from "../../../../provider/resources/fleet/drain.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const AT = fakeRuntime().clock.now();
const claim = { owner: "mine", group: "g", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const DRAIN_PARKED = clusterWrites.drainParked(CLUSTER_UUID, "mine");

/** Drains group "g", whose instances end at once. `clusters`: what each read of the cluster finds, the last one for good. */
async function drain(
  clusters: readonly (ClusterItem | null)[],
  {
    holders = [],
    refuses = false,
    jobs,
    isParked = false,
  }: {
    holders?: readonly ClusterItem[];
    refuses?: boolean;
    jobs?: readonly (readonly string[])[];
    isParked?: boolean;
  } = {},
) {
  const writes: Update[] = [];
  const sizes: number[] = [];
  const cleared: string[] = [];
  const recorded: string[] = [];
  const warnings: string[] = [];
  let reads = 0;
  let queues = 0;
  const runtime = fakeRuntime();
  const instances = jobs === undefined ? [] : [{ id: "i-1", lifecycle: "InService" }];
  const cluster = () => clusters[Math.min(reads++, clusters.length - 1)] ?? null;
  const context = {
    ...runtime,
    privateState: openPrivateState(""),
    warn: ({ summary }: Warning) => warnings.push(summary),
    poll: (what: string, look: never, times: never) => poll(what, look, times, runtime),
    client: {
      registry: {
        readCluster: async () => cluster(),
        clustersOfGroup: async () => holders,
        recordUsage: async ({ uuid }: ClusterItem) => recorded.push(uuid),
        clearWorkers: async (uuid: string) => cleared.push(uuid),
        updateCluster: async (write: Update) => {
          writes.push(write);
          const isRefused = refuses || (isDeepStrictEqual(write, DRAIN_PARKED) && !isParked);
          return isRefused ? null : clusterItem();
        },
      },
      jobs: {
        async queue() {
          const ids = jobs?.[Math.min(queues++, jobs.length - 1)] ?? [];
          return ids.map((id) => ({ id, status: "INPROGRESS", submittedAt: "" }));
        },
      },
      groups: {
        describe: async () => ({
          ...{ name: "g", minSize: 0, desired: 2 },
          instances: sizes.length > 0 ? [] : instances,
        }),
        resize: async (_group: unknown, desired: number) => sizes.push(desired),
        liveInstances: async () => [],
      },
    },
  } as unknown as FleetContext;
  const about = { clusterUuid: CLUSTER_UUID, groupName: "g", owner: "mine", timeoutMs: 60_000 };
  try {
    await applyDrain({ ...about, isReplaced: jobs !== undefined }, context);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    warnings.push(...error.diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`));
  }
  return { sizes, warnings, writes, cleared, recorded };
}

describe("a drain", () => {
  test("of its own nodes empties the group, and frees the fleet, on condition that it is still its own", async () => {
    expect(await drain([clusterItem({ fleet: claim })])).toEqual({
      sizes: [0],
      warnings: [],
      cleared: [CLUSTER_UUID],
      recorded: [CLUSTER_UUID],
      writes: [
        DRAIN_PARKED,
        clusterWrites.drain(CLUSTER_UUID, "mine", AT),
        clusterWrites.park(CLUSTER_UUID, "mine", AT),
      ],
    });
  });

  test("of a parked cluster takes its fleet, and leaves since when it is parked", async () => {
    expect(await drain([clusterItem({ fleet: claim })], { isParked: true })).toEqual({
      sizes: [0],
      warnings: [],
      cleared: [CLUSTER_UUID],
      recorded: [],
      writes: [DRAIN_PARKED],
    });
  });

  test.each<[string, ClusterItem | null, readonly ClusterItem[]]>([
    ["another resource's", clusterItem({ fleet: { ...claim, owner: "theirs" } }), []],
    ["another cluster's, whose own is gone", null, [clusterItem({ uuid: "other", fleet: claim })]],
  ])("of %s touches nothing, and says so", async (_name, cluster, holders) => {
    expect(await drain([cluster], { holders })).toEqual({
      sizes: [],
      warnings: [`Fleet ${CLUSTER_UUID}/g is not this resource's any more`],
      writes: [],
      cleared: [],
      recorded: [],
    });
  });

  test.each<[string, ClusterItem | null]>([
    ["is gone", null],
    ["has another group's fleet by now", clusterItem({ fleet: { ...claim, owner: "theirs", group: "h" } })],
  ])("where the cluster %s empties the group alone", async (_name, cluster) => {
    expect(await drain([cluster])).toEqual({
      sizes: [0],
      warnings: [],
      writes: [],
      cleared: [],
      recorded: [],
    });
  });

  test("that loses its fleet between the look and the write touches nothing", async () => {
    const theirs = clusterItem({ fleet: { ...claim, owner: "theirs" } });
    const { sizes, warnings } = await drain([clusterItem({ fleet: claim }), theirs], { refuses: true });
    expect(sizes).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  test("of a cluster that is being removed, goes on", async () => {
    const removing = clusterItem({ fleet: claim, clusterStatus: "REMOVING" });
    expect(await drain([removing], { refuses: true })).toMatchObject({ sizes: [0], warnings: [] });
  });
});

describe("the drain of a fleet that is replaced, as by one of another group", () => {
  const seen = clusterItem({ fleet: claim, headInstanceId: "i-1", reasonCode: "nodes-surplus" });

  test("waits until no job uses the nodes, after META says that no further one is to begin", async () => {
    const { sizes, warnings, writes } = await drain([seen], { jobs: [["j1"], ["j1"], [], ["j2"], []] });
    expect([sizes, warnings]).toEqual([[0], []]);
    expect(writes.slice(0, 2)).toEqual([DRAIN_PARKED, clusterWrites.drain(CLUSTER_UUID, "mine", AT)]);
  });

  test("fails at the time-out with the job that is in the way, and ends no node", async () => {
    const { sizes, warnings } = await drain([seen], { jobs: [["j1"]] });
    expect(sizes).toEqual([]);
    expect(warnings.join()).toMatch(/job j1 still uses its nodes.*Timed out after 1m.*muster job cancel j1/);
  });

  test("waits for a head that has not seen it yet, as that may begin a job", async () => {
    const silent = { ...seen, reasonCode: null, reason: null };
    expect((await drain([silent], { jobs: [[]] })).sizes).toEqual([0]);
  });
});
