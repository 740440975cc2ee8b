import { describe, expect, test } from "@jest/globals";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { clusterWrites } from "../../../../agent/contract/writes/cluster.js";
import type { Update } from "../../../../agent/contract/writes/write.js";
import type { Warning } from "../../../../provider/core/diagnostic.js";
import { poll } from "../../../../provider/core/poll.js";
import { openPrivateState } from "../../../../provider/core/private-state.js";
import type { FleetContext } from "../../../../provider/resources/fleet/context.js";
import {
  applyEmptying,
  forgetRemoval,
  noteRemoval,
} from "../../../../provider/resources/fleet/empty-files.js";
import type { FleetState } from "../../../../provider/resources/fleet/state.js";
import { CLUSTER_UUID, clusterItem } from "../../../support/agent/cluster-item.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const AT = fakeRuntime().clock.now();
const fleet = { owner: "mine", group: "g", nodes: 1, since: "2026-01-01T00:00:00.000Z" };

/** A fleet's destroy: `head` is what the head does at each look, on META. */
async function destroy(
  cluster: Partial<ClusterItem>,
  head: (item: ClusterItem) => Partial<ClusterItem> = () => ({}),
  { isToEmpty = true, isRemoval = true, isRefused = false } = {},
) {
  const runtime = fakeRuntime();
  const privateState = openPrivateState("");
  noteRemoval(privateState);
  if (!isRemoval) forgetRemoval(privateState);
  const warnings: string[] = [];
  const written: Update[] = [];
  let item = clusterItem({
    ...{ clusterStatus: "FINISHED", knownNodes: 1, leaseGeneration: 1 },
    ...cluster,
  });
  const context = {
    ...runtime,
    privateState,
    warn: ({ code, reasonCode, summary, detail }: Warning) =>
      void warnings.push(`${summary}\n${detail}\n${code} ${reasonCode}`),
    poll: (what: string, look: never, times: never) => poll(what, look, times, runtime),
    client: {
      registry: {
        readCluster: async () => {
          item = { ...item, ...head(item) };
          return item;
        },
        updateCluster: async (write: Update) => {
          written.push(write);
          if (isRefused) return null;
          item = { ...item, ...write.set };
          return item;
        },
      },
    },
  } as unknown as FleetContext;
  const state = {
    ...{ cluster_uuid: CLUSTER_UUID, empty_shared_on_destroy: isToEmpty, owner: "mine" },
  } as FleetState;
  await applyEmptying(state, context);
  return { warnings, written, waitedMs: runtime.clock.monotonicMs() };
}

describe("the emptying of a removed cluster's folders", () => {
  test("is asked of the head, with no new job any more, and waited for", async () => {
    const { warnings, written } = await destroy({}, ({ files }) =>
      files === "to-empty" ? { files: "emptied" } : {},
    );
    expect(written).toMatchObject([{ set: { desiredNodes: 0, files: "to-empty" } }]);
    expect(warnings).toEqual([]);
  });

  test.each<[string, Partial<ClusterItem>, string | null]>([
    ["its fleet is still this one", { fleet }, "mine"],
    ["it still has no fleet", {}, null],
  ])("is asked for on condition that %s", async (_name, cluster, owner) => {
    const { written } = await destroy(cluster);
    expect(written).toEqual([clusterWrites.emptyFiles(CLUSTER_UUID, owner, AT)]);
  });

  test("that is refused is not waited for, and told", async () => {
    const { warnings, waitedMs } = await destroy({}, undefined, { isRefused: true });
    expect([warnings.length, waitedMs]).toEqual([1, 0]);
  });

  test("is given up after two minutes, with what is in the way, what is left and what it costs", async () => {
    const { warnings, waitedMs } = await destroy({}, ({ files }) =>
      files === "to-empty"
        ? {
            filesReasonCode: "files-logs-pending",
            filesReason: "3 jobs' logs are not in the bucket yet",
          }
        : {},
    );
    expect(waitedMs).toBe(120_000);
    for (const part of [
      `Files of cluster ${CLUSTER_UUID} are left`,
      "3 jobs' logs are not in the bucket yet",
      `/clusters/${CLUSTER_UUID}/shared and /clusters/${CLUSTER_UUID}/agents`,
      "0.30 USD per GB",
      "fleet-files-left files-logs-pending",
    ])
      expect(warnings[0]).toContain(part);
  });

  test("can't be done by a cluster without nodes, and that is told at once", async () => {
    const { warnings, waitedMs, written } = await destroy({ knownNodes: 0, clusterStatus: "PARKED" });
    expect(waitedMs).toBe(0);
    expect(written).toEqual([]);
    expect(warnings[0]).toContain("it has no node that could empty them");
    expect(warnings[0]).toContain("fleet-files-left files-no-node");
  });

  test.each<[string, Partial<ClusterItem>, Parameters<typeof destroy>[2]]>([
    ["the fleet does not say so", {}, { isToEmpty: false }],
    ["it is a replacement", {}, { isRemoval: false }],
    ["no node has ever been there", { leaseGeneration: 0, knownNodes: 0 }, {}],
    ["it has been done already", { files: "emptied" }, {}],
    ["another fleet owns them by now", { fleet: { ...fleet, owner: "theirs" } }, {}],
  ])("is neither asked for nor missed where %s", async (_name, cluster, how) => {
    expect(await destroy(cluster, undefined, how)).toEqual({ warnings: [], written: [], waitedMs: 0 });
  });
});
