import { chmod, chown, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createClusterStore } from "../../../agent/aws/cluster-store.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { StatusReply } from "../../../agent/contract/http.js";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import { type ObservedCluster, summarizeNodes } from "../../../agent/contract/nodes.js";
import { NO_REASON } from "../../../agent/contract/reasons.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { requestText } from "../../../agent/system/http-text.js";
import { systemClock } from "../../../agent/time/clock.js";
import { JOB_USER } from "../../support/agent/job-user.js";
import { createClusterTable, putCluster, removeClusterTable } from "../../support/agent/registry-table.js";
import { type TestAgent, type TestAgents, testAgents } from "../../support/agent/test-agents.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

const LIMIT_MS = 90_000;
let emulator: TestEmulator;
let table: ClusterTable;
let agents: TestAgents;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator?.stop());
beforeEach(async () => {
  table = await createClusterTable(emulator);
  agents = await testAgents(table);
});
afterEach(async () => {
  await agents.stop();
  await emulator.clearFaults();
  await removeClusterTable(table);
});

/** Looks until `isDone`, and shows the last look when it never is. */
async function eventually<T>(look: () => Promise<T>, isDone: (seen: T) => boolean): Promise<T> {
  const deadlineMs = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (isDone(seen)) return seen;
    if (performance.now() > deadlineMs)
      throw new Error(`never came about; last seen: ${JSON.stringify(seen)}`);
    await systemClock.sleep(50);
  }
}

const readMeta = async (): Promise<ObservedCluster> => {
  const store = createClusterStore(table);
  const meta = await store.readCluster();
  if (meta === null) throw new Error("META is gone");
  return { ...meta, nodes: summarizeNodes(await store.readNodes(), meta) };
};
const readHostfile = () => readFile(agents.hostfile, "utf8").catch(() => null);
const finished = (nodes: number) => (meta: ObservedCluster) =>
  meta.clusterStatus === "FINISHED" && meta.hostfileNodes === nodes && meta.phase === "ready";

async function status({ address }: TestAgent): Promise<StatusReply> {
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
  return (await get(address, "/v1/status", headers)) as StatusReply;
}
const readyz = async ({ address }: TestAgent) =>
  (await get(address, "/readyz")) as { ready: boolean; failing: string[] };
async function get(address: string, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const url = new URL(`https://${address}:${AGENT_PORT}${path}`);
  const ca = [testAuthority(CLUSTER_SECRET, table.clusterUuid)];
  return JSON.parse((await requestText(url, { method: "GET", headers, ca, timeoutMs: LIMIT_MS })).body);
}

describe("agents of one cluster", () => {
  test("find each other: one head, all nodes in the hostfile, FINISHED, every node ready", async () => {
    await putCluster(table, { desiredNodes: 3 });
    const nodes = await Promise.all([agents.start(1), agents.start(2), agents.start(3)]);

    const meta = await eventually(readMeta, finished(3));
    expect(await readHostfile()).toBe("127.0.11.1:2\n127.0.11.2:2\n127.0.11.3:2\n");
    expect(meta).toMatchObject({ cores: 6, ...NO_REASON });
    expect(meta.nodes.map(({ id, state }) => [id, state])).toEqual([
      ["i-1", "ready"],
      ["i-2", "ready"],
      ["i-3", "ready"],
    ]);
    for (const node of nodes)
      await eventually(
        () => readyz(node),
        ({ ready }) => ready,
      );
    const statuses = await Promise.all(nodes.map(status));
    expect(statuses.filter(({ node }) => node.isHead).map(({ node }) => node.id)).toEqual([
      meta.headInstanceId,
    ]);
    for (const { head, from } of statuses) expect([head?.id, from]).toEqual([meta.headInstanceId, "head"]);
  });

  test("a node that is not ready is left out, and named with its failing probe; then let in", async () => {
    await putCluster(table);
    const [, broken] = await Promise.all([agents.start(1), agents.start(2, { failure: "broken" })]);
    const waiting = await eventually(
      readMeta,
      ({ reason }) => reason?.includes("i-2 is unready (test)") ?? false,
    );
    expect(waiting).toMatchObject({
      clusterStatus: "INPROGRESS",
      phase: "waiting-for-nodes",
      headInstanceId: "i-1",
    });
    expect(await readHostfile()).toBe("127.0.11.1:2\n");
    expect(await readyz(broken)).toEqual({ ready: false, failing: ["test"] });

    broken.failure = null;
    await eventually(readMeta, finished(2));
  });

  test("a node that is set aside is out of the next job's hostfile at once, and named; a look lets it in again", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId } = await eventually(readMeta, finished(2));
    const head = nodes.find(({ id }) => id === headInstanceId);
    const other = nodes.find(({ id }) => id !== headInstanceId);
    if (head === undefined || other === undefined) throw new Error("no head");
    await eventually(
      async () => head.head.hostfileNow()?.nodes.length,
      (count) => count === 2,
    );
    agents.unfit.add(other.address);
    head.head.setAside([other.address]);
    expect(head.head.hostfileNow()?.nodes.map(({ address }) => address)).toEqual([head.address]);
    const without = await eventually(readMeta, ({ hostfileNodes }) => hostfileNodes === 1);
    expect(without.nodes.find(({ id }) => id === other.id)).toMatchObject({
      ...{ state: "unready", failingProbes: ["preflight"], reasonCode: "node-preflight-failed" },
    });
    expect(await readHostfile()).toBe(`${head.address}:2\n`);
    expect(head.head.inTouch()).toContain(other.address);
    agents.unfit.clear();
    await eventually(readMeta, finished(2));
  });

  test.each([
    ["a node", (id: string, head: string | null) => id !== head],
    ["the head", (id: string, head: string | null) => id === head],
  ])("%s that EC2 takes is out of the hostfile, and replaced when its job has ended", async (_what, isIt) => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId, leaseGeneration } = await eventually(readMeta, finished(2));
    const taken = nodes.find(({ id }) => isIt(id, headInstanceId));
    const other = nodes.find(({ id }) => id !== taken?.id);
    if (taken === undefined || other === undefined) throw new Error("no such node");
    for (const node of nodes) node.runningJob = "job-1";
    taken.spotNotice = JSON.stringify({ action: "terminate", time: new Date(Date.now() + 3_600_000) });
    const draining = await eventually(readMeta, ({ hostfileNodes }) => hostfileNodes === 1);
    expect(draining.nodes.find(({ id }) => id === taken.id)).toMatchObject({
      ...{ state: "draining", failingProbes: [], reasonCode: "node-spot-interrupted" },
    });
    expect(await readHostfile()).toBe(`${other.address}:2\n`);
    expect([agents.ended, draining.leaseGeneration]).toEqual([[], leaseGeneration]);
    for (const node of nodes) node.runningJob = null;
    await eventually(
      async () => agents.ended,
      ({ length }) => length > 0,
    );
    expect(agents.ended).toEqual([`${taken.id} is replaced`]);
    const after = await eventually(readMeta, ({ nodes }) => nodes.some(({ state }) => state === "stopping"));
    expect(after).toMatchObject({ headInstanceId: other.id });
    expect(after.nodes.find(({ id }) => id === taken.id)).toMatchObject({ state: "stopping" });
  });

  test("a head that is set aside hands over to a node that is ready", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId } = await eventually(readMeta, finished(2));
    const head = nodes.find(({ id }) => id === headInstanceId);
    if (head === undefined) throw new Error("no head");
    agents.unfit.add(head.address);
    head.head.setAside([head.address]);
    await eventually(readMeta, (meta) => meta.headInstanceId !== headInstanceId && finished(2)(meta));
  });

  test("a node of another kind is known, and neither in the hostfile, nor counted, nor ever head", async () => {
    await putCluster(table);
    const notebook = await agents.start(9, { kind: "notebook" });
    await Promise.all([agents.start(1), agents.start(2)]);
    const meta = await eventually(readMeta, (seen) => finished(2)(seen) && seen.nodes.length === 3);
    expect(meta).toMatchObject({ knownNodes: 2, readyNodes: 2, cores: 4, reason: null });
    expect(meta.headInstanceId).not.toBe("i-9");
    expect(meta.nodes.map(({ id, kind, state }) => [id, kind, state])).toEqual([
      ["i-1", "worker", "ready"],
      ["i-2", "worker", "ready"],
      ["i-9", "notebook", "ready"],
    ]);
    expect(await readHostfile()).toBe("127.0.11.1:2\n127.0.11.2:2\n");
    await eventually(
      () => readyz(notebook),
      ({ ready }) => ready,
    );
  });

  test("a notebook binds its cluster, and works there, from its node's hello to its end", async () => {
    await putCluster(table);
    await Promise.all([agents.start(1), agents.start(2)]);
    const notebook = await agents.start(9, { kind: "notebook" });
    await eventually(readMeta, ({ notebooks }) => notebooks?.join() === "explore");
    const isActive = ({ activity }: Awaited<ReturnType<typeof readMeta>>) =>
      activity?.sources.some(({ source, state }) => source === "notebook" && state === "active") ?? false;
    await eventually(readMeta, isActive);
    await notebook.agent.close();
    await eventually(readMeta, ({ notebooks }) => notebooks?.length === 0);
  });

  test("a head that ends in order, or whose machine goes down, is replaced at once; one that is lost, after its lease", async () => {
    await putCluster(table, { desiredNodes: 4 });
    const all = await Promise.all([1, 2, 3, 4].map((n) => agents.start(n)));
    const { headInstanceId } = await eventually(readMeta, finished(4));
    const [going, nodes] = [
      all.find(({ id }) => id === headInstanceId),
      all.filter(({ id }) => id !== headInstanceId),
    ];
    if (going === undefined) throw new Error("there is no head");
    going.runningJob = "job-0";
    const closing = going.agent.close(true);
    await eventually(
      async () => going.head.leaving(going.address),
      (leaving) => leaving?.isDue === true,
    );
    // Its attempt has ended, and waits for the next one.
    going.runningJob = null;
    await closing;
    const first = await eventually(
      readMeta,
      (meta) => meta.headInstanceId !== going.id && meta.hostfileNodes === 3,
    );
    const others = nodes.filter(({ id }) => id !== first.headInstanceId);

    await nodes.find(({ id }) => id === first.headInstanceId)?.agent.close();
    const second = await eventually(
      readMeta,
      // On a busy machine the second head may lose its lease for a moment too.
      ({ leaseGeneration, hostfileNodes }) => leaseGeneration > first.leaseGeneration && hostfileNodes === 2,
    );
    expect(others.map(({ id }) => id)).toContain(second.headInstanceId);
    expect(second).toMatchObject({ clusterStatus: "FINISHED", phase: "degraded" });
    expect(await readHostfile()).toBe(others.map(({ address }) => `${address}:2\n`).join(""));

    const survivor = others.find(({ id }) => id !== second.headInstanceId);
    const lost = others.find(({ id }) => id === second.headInstanceId);
    if (lost) lost.runningJob = "job-1"; // So it keeps its lease when it ends, as a lost one does.
    await lost?.agent.close();
    const third = await eventually(
      readMeta,
      ({ leaseGeneration, hostfileNodes }) => leaseGeneration > second.leaseGeneration && hostfileNodes === 1,
    );
    expect(third.headInstanceId).toBe(survivor?.id);
    expect(third.reason).toContain(`${lost?.id} is unready (heartbeat)`);
  });

  test("after a registry outage of three leases the head of before is head again, so that its job runs on", async () => {
    await putCluster(table, { desiredNodes: 3 });
    await Promise.all([agents.start(1), agents.start(2), agents.start(3)]);
    const before = await eventually(readMeta, finished(3));
    const response = { code: "InternalServerError", message: "an outage", status: 500 };
    await emulator.injectFault({ service: "dynamodb", action: "*", response });
    await systemClock.sleep(15_000);
    await emulator.clearFaults();

    const after = await eventually(readMeta, (meta) => meta.leaseGeneration > 1 && finished(3)(meta));
    expect(after.headInstanceId).toBe(before.headInstanceId);
  });

  test("a node that leaves is taken out of the hostfile; the hostfile is restored when somebody removes it", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId } = await eventually(readMeta, finished(2));
    await rm(agents.hostfile);
    expect(await eventually(readHostfile, (text) => text !== null)).toBe("127.0.11.1:2\n127.0.11.2:2\n");

    const peer = nodes.find(({ id }) => id !== headInstanceId);
    await peer?.agent.close();
    const left = await eventually(readMeta, ({ hostfileNodes }) => hostfileNodes === 1);
    expect(left).toMatchObject({
      phase: "degraded",
      reasonCode: "nodes-missing",
      reason: "1 of 2 nodes are ready",
    });
  });

  test("while a job runs the nodes are busy; when the cluster is removed they drain and the hostfile goes", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId } = await eventually(readMeta, finished(2));
    const head = nodes.find(({ id }) => id === headInstanceId);
    if (!head) throw new Error("no head");
    head.runningJob = "job-1";
    const isAll = (state: string) => (meta: ObservedCluster) =>
      meta.nodes.every((node) => node.state === state);
    expect(await eventually(readMeta, isAll("busy"))).toMatchObject({ hostfileNodes: 2, phase: "ready" });
    head.runningJob = null;
    await eventually(readMeta, isAll("ready"));

    await putCluster(table, { clusterStatus: "REMOVING", leaseGeneration: 1 });
    const removing = await eventually(readMeta, (meta) => meta.headInstanceId !== null);
    expect(removing.nodes.map(({ state }) => state)).toEqual(["draining", "draining"]);
    expect(removing).toMatchObject({ clusterStatus: "REMOVING", readyNodes: 0, hostfileNodes: 0, cores: 0 });
    expect(await readHostfile()).toBeNull();
  });

  test("a head that is asked to leaves nothing in the folders, once no job runs and all logs are delivered", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId, leaseGeneration } = await eventually(readMeta, finished(2));
    const head = nodes.find(({ id }) => id === headInstanceId);
    if (!head) throw new Error("no head");
    const locked = join(agents.folder, "results", "locked");
    await mkdir(locked, { recursive: true });
    await writeFile(join(locked, "data"), "x");
    await mkdir(join(agents.records, "jobs", "job-1"), { recursive: true });
    for (const path of [locked, join(agents.folder, "results")]) {
      await chown(path, JOB_USER.uid, JOB_USER.gid);
      await chmod(path, 0o000);
    }
    head.runningJob = "job-1";
    agents.undelivered.add("job-1");
    const asked = { desiredNodes: 0, leaseGeneration, files: "to-empty" } as const;
    await putCluster(table, asked);

    const waiting = await eventually(readMeta, ({ filesReason }) => filesReason === "a job still runs");
    expect(waiting.files).toBe("to-empty");
    expect(await readdir(agents.folder)).toEqual(["results"]);
    head.runningJob = null;
    await eventually(readMeta, ({ filesReason }) => filesReason?.includes("1 jobs' logs") ?? false);
    expect(await readdir(agents.folder)).toEqual([]);
    expect(await readdir(agents.records)).toEqual(["jobs"]);
    agents.undelivered.clear();
    await eventually(readMeta, ({ files, filesReason }) => files === "emptied" && filesReason === null);
    expect([...(await readdir(agents.folder)), ...(await readdir(agents.records))]).toEqual([]);
  });

  test("a head whose own probes fail hands over to a node that is ready", async () => {
    await putCluster(table);
    const nodes = await Promise.all([agents.start(1), agents.start(2)]);
    const { headInstanceId } = await eventually(readMeta, finished(2));
    const head = nodes.find(({ id }) => id === headInstanceId);
    if (head) head.failure = "disk is gone";
    const next = await eventually(readMeta, (meta) => meta.headInstanceId !== headInstanceId);
    // On a busy machine a head may lose its lease for a moment before.
    expect(next.leaseGeneration).toBeGreaterThan(1);
    await eventually(
      readMeta,
      ({ reason }) => reason?.includes(`${headInstanceId} is unready (test)`) ?? false,
    );
  });
});
