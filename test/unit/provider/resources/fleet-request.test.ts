import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import { applyResize, applyTaking } from "../../../../provider/resources/fleet/resize.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const fleet = { owner: "o-mine", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
const others = { ...fleet, owner: "o-other" };
const group = { name: "nodes", minSize: 0, desired: 1, instances: [] };
const asked = { fleet, clusterStatus: "INPROGRESS", phase: "waiting-for-nodes", desiredNodes: 2 } as const;

/** A registry that refuses the write, and has this cluster. */
function refusing(found: Partial<ClusterItem> | null) {
  const client = {
    ...{ org: "acme", region: "us-east-1" },
    registry: {
      updateCluster: async () => null,
      readCluster: async () => (found === null ? null : clusterItem(found)),
    },
    groups: {
      activities: async () => [],
      // The first call after the request was taken for granted.
      resize: () => Promise.reject(new Error("the group is resized")),
    },
  };
  return { ...fakeRuntime(), client } as unknown as FleetContext;
}

const codeOf = (action: Promise<unknown>) =>
  action.then(
    () => "done",
    (error) => error.diagnostics?.[0]?.code ?? error.message,
  );

describe("a request for nodes that the registry refuses", () => {
  const request = (found: Partial<ClusterItem> | null, from: string | null) =>
    applyResize(
      { clusterUuid: CLUSTER_UUID, group, nodes: 2, claim: { from, to: fleet }, timeoutMs: 1000 },
      refusing(found),
    );

  test.each<[string, Partial<ClusterItem> | null, string | null, string]>([
    ["goes on where it was taken before, and the answer was lost", asked, "o-mine", "the group is resized"],
    ["goes on so for a fleet that was taken over", asked, "o-old", "the group is resized"],
    [
      "fails where the cluster waits for another number",
      { ...asked, desiredNodes: 3 },
      "o-mine",
      "fleet-refused",
    ],
    ["fails where the cluster is gone", null, "o-mine", "fleet-refused"],
    [
      "fails where the cluster is being removed",
      { ...asked, clusterStatus: "REMOVING", phase: "removing" },
      "o-mine",
      "fleet-refused",
    ],
    ["fails where another took the fleet meanwhile", { ...asked, fleet: others }, "o-mine", "fleet-taken"],
    ["fails where another made a fleet meanwhile", { ...asked, fleet: others }, null, "fleet-taken"],
    [
      "fails where the fleet is still the one that it was to be taken from",
      { ...asked, fleet: others, clusterStatus: "REMOVING", phase: "removing" },
      "o-other",
      "fleet-refused",
    ],
  ])("%s", async (_name, found, from, expected) => {
    expect(await codeOf(request(found, from))).toBe(expected);
  });
});

describe("a fleet that is taken over", () => {
  const take = (found: Partial<ClusterItem> | null, from: string | null) =>
    applyTaking(CLUSTER_UUID, { from, to: fleet }, refusing(found));

  test.each<[string, Partial<ClusterItem> | null, string | null, string]>([
    ["is ours already: nothing is written", null, "o-mine", "done"],
    ["is ours by a write whose answer was lost", { fleet }, "o-other", "done"],
    ["was taken by another meanwhile", { fleet: others }, "o-old", "fleet-taken"],
    ["is gone with its cluster", null, "o-other", "fleet-refused"],
    ["is none any more", {}, "o-other", "fleet-refused"],
  ])("%s", async (_name, found, from, expected) => {
    expect(await codeOf(take(found, from))).toBe(expected);
  });
});
