import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { ActivityReply } from "../../../agent/contract/activity-view.js";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { requestText } from "../../../agent/system/http-text.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { createClusterTable, putCluster } from "../../support/agent/registry-table.js";
import { type TestAgent, type TestAgents, testAgents } from "../../support/agent/test-agents.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const REPLY_MS = 5_000;

let emulator: TestEmulator;
let table: ClusterTable;
let agents: TestAgents;

beforeEach(async () => {
  emulator = await startEmulator();
  table = await createClusterTable(emulator);
  agents = await testAgents(table, 17);
});
afterEach(async () => {
  await agents.stop();
  await emulator.stop();
});

const clusterOnce = (what: string, isDone: (cluster: ClusterItem) => boolean): Promise<ClusterItem> =>
  waitFor({
    what,
    timeoutSeconds: 90,
    look: async () => {
      const cluster = await createClusterStore(table).readCluster();
      if (cluster === null) throw new Error("META is gone");
      return cluster;
    },
    isDone,
    describe: ({ clusterStatus, phase, reason, activity }) =>
      `${clusterStatus}, ${phase} (${reason}), ${JSON.stringify(activity)}`,
  });

async function activityOf({ address }: TestAgent): Promise<ActivityReply> {
  const url = new URL(`https://${address}:${AGENT_PORT}/v1/activity`);
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
  const ca = [testAuthority(CLUSTER_SECRET, table.clusterUuid)];
  const reply = await requestText(url, { method: "GET", headers, ca, timeoutMs: REPLY_MS });
  return JSON.parse(reply.body) as ActivityReply;
}

test("agents of an idle cluster park it, leave it so, and one that boots later wakes it", async () => {
  // Ready for long: the timeout is over as soon as the head knows all sources.
  const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
  await putCluster(table, { clusterStatus: "FINISHED", phase: "ready", idleTimeoutMinutes: 1, fleet });
  const nodes = await Promise.all([agents.start(1), agents.start(2)]);
  // Every node has said that no person is logged in there.
  const seen = await clusterOnce(
    "both nodes to report",
    ({ activity }) => activity?.sources.every(({ state }) => state === "idle") ?? false,
  );
  expect(seen.clusterStatus).toBe("FINISHED");
  for (const node of nodes) expect((await activityOf(node)).sources).toHaveLength(6);

  const parked = await clusterOnce("the cluster to park", ({ phase }) => phase === "parked");
  expect(parked).toMatchObject({
    ...{ clusterStatus: "PARKED", reasonCode: "parked-idle", desiredNodes: 0, hostfileNodes: 0 },
    ...{ knownNodes: 0, headInstanceId: null, park: { nodes: 2 } },
  });
  expect(agents.sizes).toEqual([0]);

  // The nodes go one after the other: none that is left takes the cluster for awake.
  await nodes[0].agent.close();
  await nodes[1].agent.close();
  expect(await createClusterStore(table).readCluster()).toEqual(parked);

  await agents.start(3, { bootedAt: new Date() });
  await clusterOnce("the cluster to wake", ({ clusterStatus }) => clusterStatus === "INPROGRESS");
  await agents.start(4, { bootedAt: new Date() });
  const woken = await clusterOnce(
    "the cluster to be ready",
    ({ clusterStatus }) => clusterStatus === "FINISHED",
  );
  expect(woken).toMatchObject({ hostfileNodes: 2, resume: { by: "an Auto Scaling schedule" } });
  // Nothing is left of the nodes that went: silent ones would keep the cluster awake.
  const listed = (await createClusterStore(table).readNodes()).map(({ instanceId }) => instanceId);
  expect([...listed].sort()).toEqual(["i-3", "i-4"]);
});
