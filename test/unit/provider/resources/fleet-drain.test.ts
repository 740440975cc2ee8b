import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import type { Warning } from "../../../../provider/core/diagnostic.js";
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
    isParked = false,
  }: { holders?: readonly ClusterItem[]; refuses?: boolean; isParked?: boolean } = {},
) {
  const writes: Update[] = [];
  const sizes: number[] = [];
  const cleared: string[] = [];
  const recorded: string[] = [];
  const warnings: string[] = [];
  let reads = 0;
  const cluster = () => clusters[Math.min(reads++, clusters.length - 1)] ?? null;
  const context = {
    ...fakeRuntime(),
    privateState: openPrivateState(""),
    warn: ({ summary }: Warning) => warnings.push(summary),
    poll: async (_what: string, look: () => Promise<unknown>) => look(),
    client: {
      registry: {
        readCluster: async () => cluster(),
        listClusters: async () => holders,
        recordUsage: async ({ uuid }: ClusterItem) => recorded.push(uuid),
        clearWorkers: async (uuid: string) => cleared.push(uuid),
        updateCluster: async (write: Update) => {
          writes.push(write);
          const isRefused = refuses || (isDeepStrictEqual(write, DRAIN_PARKED) && !isParked);
          return isRefused ? null : clusterItem();
        },
      },
      groups: {
        describe: async () => ({ name: "g", minSize: 0, desired: 2, instances: [] }),
        resize: async (_group: unknown, desired: number) => sizes.push(desired),
        liveInstances: async () => [],
      },
    },
  } as unknown as FleetContext;
  await applyDrain({ clusterUuid: CLUSTER_UUID, groupName: "g", owner: "mine", timeoutMs: 1000 }, context);
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
