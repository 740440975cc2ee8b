import { describe, expect, test } from "@jest/globals";
import { StatusReply } from "../../../../agent/contract/http.js";
import { schemaProblems } from "../../../../agent/contract/problems.js";
import type { ClusterItem, NodeSummary } from "../../../../agent/contract/registry.js";
import { parseHeadMessage, parseNodeMessage, type StatusUpdate } from "../../../../agent/peers/messages.js";
import { createQueueView } from "../../../../agent/status/queue-view.js";
import { createStatus, type Status } from "../../../../agent/status/status.js";
import { clusterItem, nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { type ManualClock, manualClock } from "../../../support/manual-clock.js";

/** A registry that counts its calls, a head and a node of one cluster; the link between them hands over what the real one would send. */
function cluster() {
  const clock = manualClock(1_000_000);
  const calls = { meta: 0, nodes: 0, queue: 0 };
  const world = {
    ...{
      clock,
      calls,
      isDown: false,
      isHung: false,
      isConnected: true,
      isHeadDeaf: false,
      generation: 3,
      metaAtMs: 0,
    },
    meta: clusterItem({ clusterStatus: "FINISHED", phase: "ready" }) as ClusterItem | null,
    nodes: [nodeSummary("i-a"), nodeSummary("i-b", { address: "10.0.0.2" })] as readonly NodeSummary[],
    updates: [] as StatusUpdate[],
    asked: [] as number[],
  };
  const call = <T>(name: keyof typeof calls, value: () => T) => {
    calls[name] += 1;
    if (world.isHung) return new Promise<T>(() => {});
    return world.isDown ? Promise.reject(new Error("the registry is down")) : Promise.resolve(value());
  };
  const registry = {
    readCluster: () => call("meta", () => world.meta),
    readNodes: () => call("nodes", () => world.nodes.map(nodeItem)),
  };
  const queueView = () => createQueueView(() => call("queue", () => [queuedJob("a")]), clock);
  const headQueue = queueView();
  const head = createStatus({
    self: { id: "i-a", address: "10.0.0.1" },
    isHead: () => true,
    seen: () =>
      world.meta === null
        ? null
        : { generation: world.generation, meta: world.meta, atMs: world.metaAtMs, nodes: () => world.nodes },
    ...{ queue: headQueue, ask: () => {}, isConnected: () => false, ...registry, clock },
  });
  async function send(held: number): Promise<void> {
    world.asked.push(held);
    const asked = parseNodeMessage(
      JSON.stringify({ type: "heartbeat", failingProbes: [], statusHeld: held }),
    );
    const update = await head.update(asked?.type === "heartbeat" ? (asked.statusHeld ?? -1) : -1);
    if (update === null || world.isHeadDeaf) return;
    const lease = { type: "lease", generation: world.generation, renewal: 1, status: update };
    const heard = parseHeadMessage(JSON.stringify(lease));
    if (heard?.status === undefined) throw new Error("the head's message is none");
    world.updates.push(heard.status);
    follower.note(heard.generation, heard.status);
  }
  const follower: Status = createStatus({
    self: { id: "i-b", address: "10.0.0.2" },
    ...{ isHead: () => false, seen: () => null, queue: queueView(), ...registry, clock },
    ask: (held) => void send(held),
    isConnected: () => world.isConnected,
  });
  world.metaAtMs = clock.monotonicMs();
  return { world, head, follower, headQueue };
}

const read = async (status: Status): Promise<StatusReply> => {
  const bytes = await status.read();
  if (bytes === null) throw new Error("no such cluster");
  return JSON.parse(bytes.toString()) as StatusReply;
};

/** Reads while the time goes on, as far as the read waits. */
async function readLate(status: Status, clock: ManualClock): Promise<StatusReply> {
  const reading = read(status);
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  clock.advance(500);
  return reading;
}

describe("the head's status", () => {
  test("costs the registry nothing while the runner looks at the queue, however many ask", async () => {
    const { world, head, headQueue } = cluster();
    for (let second = 0; second < 10; second += 1) {
      await headQueue.queue();
      for (let request = 0; request < 100; request += 1) {
        const status = await read(head);
        expect(status).toMatchObject({ from: "head", node: { isHead: true }, jobs: { queued: 1 } });
        world.clock.advance(10);
      }
    }
    expect(world.calls).toEqual({ meta: 0, nodes: 0, queue: 10 });
  });

  test("reads the queue once a second and a half at most while the runner does not", async () => {
    const { world, head } = cluster();
    for (let request = 0; request < 600; request += 1) {
      await Promise.all([head.read(), head.read()]);
      world.clock.advance(10);
    }
    expect(world.calls.meta + world.calls.nodes).toBe(0);
    expect(world.calls.queue).toBeGreaterThan(1);
    expect(world.calls.queue).toBeLessThanOrEqual(4);
  });

  test("is what its reply's schema says, with the age of the oldest of it", async () => {
    const { world, head } = cluster();
    await head.read();
    world.clock.advance(700);
    world.metaAtMs = world.clock.monotonicMs() - 40;
    expect(await read(head)).toMatchObject({ ageMs: 700, leaseGeneration: 3, head: { id: "i-a" } });
    expect([...schemaProblems(StatusReply, await read(head))]).toEqual([]);
  });

  test("goes on while the registry is down, and grows old", async () => {
    const { world, head } = cluster();
    await head.read();
    world.isDown = true;
    world.clock.advance(60_000);
    world.nodes = [nodeSummary("i-a", { state: "unready", failingProbes: ["shared"] })];
    expect(await read(head)).toMatchObject({ from: "head", ageMs: 60_000, nodes: [{ state: "unready" }] });
  });

  test("is not kept waiting by a registry that does not answer", async () => {
    const { world, head } = cluster();
    await head.read();
    world.isHung = true;
    world.clock.advance(5_000);
    expect(await readLate(head, world.clock)).toMatchObject({ ageMs: 5_500, jobs: { queued: 1 } });
  });

  test("shows a change within 200 ms", async () => {
    const { world, head } = cluster();
    await head.read();
    world.nodes = [nodeSummary("i-a")];
    world.clock.advance(200);
    expect((await read(head)).nodes).toHaveLength(1);
  });
});

describe("the status of a node with a head", () => {
  test("is asked of the head once a second at most, when it is wanted, and without a call of the registry", async () => {
    const { world, follower, headQueue } = cluster();
    world.clock.advance(60_000);
    world.metaAtMs = world.clock.monotonicMs();
    await headQueue.queue();
    world.calls.queue = 0;
    expect(world.asked).toEqual([]);
    for (let request = 0; request < 100; request += 1) {
      expect(await read(follower)).toMatchObject({ from: "head", node: { id: "i-b", isHead: false } });
      world.clock.advance(10);
    }
    expect(world.asked).toEqual([0]);
    await Promise.all([follower.read(), follower.read()]);
    expect(world.asked).toEqual([0, 1]);
    expect(world.calls).toEqual({ meta: 0, nodes: 0, queue: 0 });
  });

  test("gets the nodes only when they have changed", async () => {
    const { world, follower } = cluster();
    await follower.read();
    world.clock.advance(1_000);
    expect((await read(follower)).nodes).toHaveLength(2);
    world.nodes = [nodeSummary("i-a")];
    world.clock.advance(1_000);
    expect((await read(follower)).nodes).toHaveLength(1);
    expect(world.updates.map(({ nodesVersion, nodes }) => [nodesVersion, nodes?.length])).toEqual([
      [1, 2],
      [1, undefined],
      [2, 1],
    ]);
  });

  test("says its age, the head's part in it", async () => {
    const { world, follower } = cluster();
    await follower.read();
    world.clock.advance(400);
    expect((await read(follower)).ageMs).toBe(400);
  });

  test("asks for all nodes of another head, whose versions are others", async () => {
    const { world, follower } = cluster();
    await follower.read();
    world.generation = 4;
    world.clock.advance(1_000);
    await readLate(follower, world.clock);
    world.clock.advance(1_000);
    expect(await read(follower)).toMatchObject({ leaseGeneration: 4, nodes: [{}, {}] });
  });

  test("is what the head said last while the head is silent, for ten seconds", async () => {
    const { world, follower } = cluster();
    await follower.read();
    world.isHeadDeaf = true;
    world.clock.advance(4_000);
    expect(await readLate(follower, world.clock)).toMatchObject({ from: "head", ageMs: 4_500 });
    world.isConnected = false;
    world.clock.advance(6_000);
    expect(await read(follower)).toMatchObject({ from: "registry", head: null });
  });
});

describe("the status of a node without a head", () => {
  test("is the registry's, read once a second at most, however many ask", async () => {
    const { world, follower } = cluster();
    world.isConnected = false;
    for (let request = 0; request < 100; request += 1) {
      await Promise.all([follower.read(), follower.read()]);
      world.clock.advance(30);
    }
    expect(world.calls).toEqual({ meta: 3, nodes: 3, queue: 1 });
    expect(await read(follower)).toMatchObject({ from: "registry", nodes: [{ id: "i-a" }, { id: "i-b" }] });
    expect([...schemaProblems(StatusReply, await read(follower))]).toEqual([]);
  });

  test("fails with the registry's answer for a second, and then asks again", async () => {
    const { world, follower } = cluster();
    world.isConnected = false;
    world.isDown = true;
    await expect(follower.read()).rejects.toThrow("the registry is down");
    await expect(follower.read()).rejects.toThrow("the registry is down");
    expect(world.calls.meta).toBe(1);
    world.isDown = false;
    world.clock.advance(1_000);
    expect(await read(follower)).toMatchObject({ from: "registry" });
  });

  test("is none where the cluster is gone", async () => {
    const { world, follower, head } = cluster();
    world.isConnected = false;
    world.meta = null;
    expect([await follower.read(), await head.read()]).toEqual([null, null]);
  });
});

describe("a thousand nodes", () => {
  const thousand = Array.from({ length: 1_000 }, (_, n) =>
    nodeSummary(`i-${String(n).padStart(17, "0")}`, { address: `10.0.${n >> 8}.${n & 255}` }),
  );

  test("are one message below the limit of a node's connection", async () => {
    const { world, head } = cluster();
    world.nodes = thousand;
    const update = await head.update(0);
    expect(JSON.stringify(update).length).toBeLessThan(400_000);
  });

  test("that all ask at once for all nodes get eight megabytes of them in a second; those that hold them get all else", async () => {
    const { world, head } = cluster();
    world.nodes = thousand;
    const ask = (held: number) => Promise.all(Array.from({ length: 1_000 }, () => head.update(held)));
    const served = (await ask(0)).filter((update) => update !== null);
    const bytes = JSON.stringify(world.nodes).length;
    expect(served).toHaveLength(Math.floor(8_000_000 / bytes));
    expect((await ask(1)).every((update) => update !== null && update.nodes === undefined)).toBe(true);
    world.clock.advance(1_000);
    expect(await head.update(0)).not.toBeNull();
  });
});

test("a status of another version is left out of the head's message, and the lease counts", () => {
  const lease = { type: "lease", generation: 1, renewal: 2 };
  expect(parseHeadMessage(JSON.stringify({ ...lease, status: { ageMs: "soon" } }))).toEqual(lease);
  expect(parseHeadMessage(JSON.stringify({ ...lease, other: 1 }))).toEqual(lease);
});
