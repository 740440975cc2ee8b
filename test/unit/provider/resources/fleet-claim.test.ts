import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import type { ListedClusters, MusterClient } from "../../../../provider/client/ports.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import { claimAgain, claimNew, groupHolder } from "../../../../provider/resources/fleet/claim.js";
import { markImported } from "../../../../provider/resources/ownership.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";

const NOW = new Date("2026-02-01T00:00:00Z");
const theirs = { owner: "theirs", group: "g", nodes: 3, since: "2026-01-01T00:00:00.000Z" };
const name = { clusterUuid: CLUSTER_UUID, groupName: "g" };
const groupOf = (desired: number, instances: readonly string[] = []) => ({
  ...{ name: "g", minSize: 0, desired },
  instances: instances.map((id) => ({ id, lifecycle: "Terminating", template: null })),
});
const wanted = { clusterUuid: CLUSTER_UUID, group: groupOf(0), nodes: 2 };
/** `others` claim the group now, and did when the clusters were listed first, but for those that are `late`. */
const clientOf = (
  cluster: ClusterItem | null,
  others: readonly ClusterItem[] = [],
  late: readonly ClusterItem[] = [],
) =>
  ({
    registry: {
      readCluster: async () => cluster,
      clustersOfGroup: async (_group: string, among: ListedClusters) =>
        among === "now" ? [...others, ...late] : others,
    },
  }) as unknown as MusterClient;

describe("a new fleet", () => {
  test.each([
    ["a cluster without one", clusterItem()],
    ["a cluster that is not there: the resize tells", null],
  ])("claims %s", async (_name, cluster) => {
    const { from, to } = await claimNew(wanted, clientOf(cluster), NOW);
    expect(from).toBeNull();
    expect(to).toEqual({
      owner: expect.stringMatching(/^[0-9a-f-]{36}$/),
      group: "g",
      nodes: 2,
      since: NOW.toISOString(),
    });
  });

  test("is refused where the nodes are another's, with whose they are", async () => {
    await expect(claimNew(wanted, clientOf(clusterItem({ fleet: theirs })), NOW)).rejects.toThrow(
      /has a fleet already: .*group g, since 2026-01-01T00:00:00.000Z, 3 nodes asked for, owner theirs/s,
    );
  });

  test("is refused where the group is another cluster's, not where it is this one's own", async () => {
    const other = clusterItem({ uuid: "other", name: "beta", fleet: theirs });
    await expect(claimNew(wanted, clientOf(clusterItem(), [other]), NOW)).rejects.toThrow(
      "Auto Scaling group g is the fleet of cluster beta",
    );
    const own = clientOf(clusterItem(), [clusterItem({ fleet: theirs })]);
    expect(await groupHolder(own, name, "now")).toBeNull();
  });

  test.each([
    ["wants instances", groupOf(1)],
    ["still has an instance", groupOf(0, ["i-1"])],
  ])(
    "is refused where the group became another cluster's since the clusters were listed first: it %s",
    async (_what, group) => {
      const late = clusterItem({ uuid: "late", name: "gamma", fleet: theirs });
      const client = clientOf(clusterItem(), [], [late]);
      await expect(claimNew({ ...wanted, group }, client, NOW)).rejects.toThrow("the fleet of cluster gamma");
      // One that nobody has filled is looked up in the first list, which costs nothing.
      await expect(claimNew(wanted, client, NOW)).resolves.toMatchObject({ to: { group: "g" } });
    },
  );
});

describe("a fleet that the state has", () => {
  const again = (fleet: ClusterItem["fleet"], owner: string | null, isImported = false) => {
    const privateState = openPrivateState("");
    if (isImported) markImported(privateState);
    const cluster = clusterItem(fleet === undefined ? {} : { fleet });
    const context = { client: clientOf(cluster), clock: { now: () => NOW }, privateState };
    return claimAgain({ ...name, nodes: 2, owner }, context);
  };

  test("keeps its claim", async () =>
    expect(await again(theirs, "theirs")).toEqual({ from: "theirs", to: { ...theirs, nodes: 2 } }));

  test.each([
    ["from before there were claims", undefined, null, false, null],
    ["whose claim is gone", undefined, "mine", false, null],
    ["that was imported", theirs, null, true, "theirs"],
  ] as const)("%s is claimed", async (_name, fleet, owner, isImported, from) => {
    const claim = await again(fleet, owner, isImported);
    expect(claim).toMatchObject({ from, to: { group: "g", since: NOW.toISOString() } });
    if (owner === null) expect(claim.to.owner).toMatch(/^[0-9a-f-]{36}$/);
    else expect(claim.to.owner).toBe(owner);
  });

  test("that is another's is refused", async () =>
    expect(again(theirs, "mine")).rejects.toThrow("has a fleet already"));
});
