import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import type { WebSocket } from "ws";
import type { ClusterSecret } from "../../../agent/contract/cluster-secret.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { buildApp } from "../../../agent/http/app.js";
import { PREFLIGHT_PATH } from "../../../agent/jobs/node-facts.js";
import { type ClusterKeys, createClusterKeys } from "../../../agent/node/cluster-keys.js";
import { PEER_PATH } from "../../../agent/peers/messages.js";
import { createPeerHub } from "../../../agent/peers/peer-socket.js";
import { requestText } from "../../../agent/system/http-text.js";
import { createPeerClient, type PeerClient } from "../../../agent/system/peer-client.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";

// An agent and its peers, with real sockets, while the cluster's secret is rotated. Only the clock is played.

const ADDRESS = "127.0.0.1";
const MINUTE_MS = 60_000;
const QUESTION = JSON.stringify({ sharedToken: null, path: null });
const log = pino({ level: "silent" });

let clock: ManualClock;
let stored: ClusterSecret;
let keys: ClusterKeys[];
let app: FastifyInstance;
let port: number;
let links: WebSocket[];
beforeEach(() => {
  clock = manualClock(0, 1, new Date());
  stored = {
    value: "first",
    version: 1,
    since: new Date(clock.now().getTime() - 86_400_000),
    previous: null,
  };
  [keys, links] = [[], []];
});
afterEach(async () => {
  for (const link of links) link.terminate();
  await app.close();
  await Promise.all(keys.map((each) => each.stop()));
});

/** An agent's keys, as of now. */
function newKeys(): ClusterKeys {
  const made = createClusterKeys({
    ...{ secret: stored, clock, log },
    node: { clusterUuid: CLUSTER_UUID, address: ADDRESS },
    readNewer: async (known) => (known.version === stored.version ? null : stored),
  });
  made.start(() => false);
  keys.push(made);
  return made;
}
async function serve(own: ClusterKeys): Promise<void> {
  const lease = { generation: 1, renewal: 1 };
  const events = {
    onReport: () => {},
    onNudge: () => {},
    onBye: () => {},
    onLost: () => {},
    status: async () => null,
  };
  const peers = createPeerHub({ lease: () => lease, ...events }, log);
  app = await buildApp(appDeps({ keys: own, peers }));
  await app.listen({ host: ADDRESS, port: 0 });
  ({ port } = app.server.address() as { port: number });
}
const clientOf = (own: ClusterKeys): PeerClient => createPeerClient(own, port);
function rotate(): void {
  const { value, version } = stored;
  stored = { value: `${value}+`, version: version + 1, since: clock.now(), previous: value };
}
/** The agent notices the rotation. */
async function learn(own: ClusterKeys): Promise<void> {
  own.doubt();
  await pass(11_000);
  expect(own.accepted()[0]).toBe(stored.value);
}
async function pass(ms: number): Promise<void> {
  const stepMs = Math.max(10_000, ms / 30);
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(Math.min(stepMs, ms - passed));
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}
const ask = async (client: PeerClient) =>
  (await client.post(ADDRESS, PREFLIGHT_PATH, QUESTION, 60_000)).status;
async function link(client: PeerClient): Promise<{ beat(): Promise<string> }> {
  const socket = client.dial(ADDRESS, PEER_PATH, 60_000);
  links.push(socket);
  await once(socket, "open");
  const say = async (message: object) => {
    socket.send(JSON.stringify({ ...message, failingProbes: [] }));
    const [data] = await once(socket, "message");
    return String(data);
  };
  await say({
    type: "hello",
    node: { id: "i-b", address: "10.0.0.2", hostname: "n", cores: 1, kind: "worker" },
  });
  return { beat: () => say({ type: "heartbeat" }) };
}

describe("a head and a worker that learn of a rotation at different times", () => {
  test.each<[string, boolean, boolean]>([
    ["the head first", true, false],
    ["the worker first", false, true],
    ["neither yet", false, false],
    ["both", true, true],
  ])("talk to each other all the time: %s", async (_name, headLearns, workerLearns) => {
    const [head, worker] = [newKeys(), newKeys()];
    await serve(head);
    const client = clientOf(worker);
    expect(await ask(client)).not.toBe(401);
    rotate();
    if (headLearns) await learn(head);
    if (workerLearns) await learn(worker);
    const before = await ask(client);
    expect(before).not.toBe(401);
    expect(await (await link(client)).beat()).toContain("lease");
    // A connection of its own, without a session of before.
    const fresh = clientOf(worker);
    expect(await ask(fresh)).toBe(before);
    // In time every node has looked, and from then on all use the new one.
    await learn(head);
    await learn(worker);
    await pass(31 * MINUTE_MS);
    expect(await ask(clientOf(worker))).toBe(before);
    await pass(31 * MINUTE_MS);
    expect([head.accepted(), worker.accepted()]).toEqual([["first+"], ["first+"]]);
    expect(await ask(clientOf(worker))).toBe(before);
  });

  test("one that boots in between talks to both", async () => {
    const head = newKeys();
    await serve(head);
    rotate();
    const booted = newKeys();
    expect(await ask(clientOf(booted))).not.toBe(401);
    await learn(head);
    expect(await ask(clientOf(booted))).not.toBe(401);
  });
});

describe("under load", () => {
  test("a rotation of authority and certificate fails no request, and ends no link", async () => {
    const [head, worker] = [newKeys(), newKeys()];
    await serve(head);
    const client = clientOf(worker);
    const held = await link(client);
    let isOver = false;
    let asked = 0;
    const load = Array.from({ length: 4 }, async () => {
      const seen = new Set<number>();
      while (!isOver) {
        // Kept connections, and new ones.
        seen.add(await ask(asked % 5 === 0 ? clientOf(worker) : client));
        asked += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return [...seen];
    });
    for (let round = 0; round < 3; round += 1) {
      rotate();
      await learn(round % 2 === 0 ? head : worker);
      await learn(round % 2 === 0 ? worker : head);
      const until = asked + 50;
      while (asked < until) await new Promise((resolve) => setTimeout(resolve, 5));
      await pass(62 * MINUTE_MS);
    }
    isOver = true;
    const statuses = new Set((await Promise.all(load)).flat());
    expect(statuses.size).toBe(1);
    expect([...statuses]).not.toContain(401);
    expect(await held.beat()).toContain("lease");
  });
});

describe("a token of before", () => {
  const withToken = (own: ClusterKeys, secret: string) =>
    requestText(new URL(`https://${ADDRESS}:${port}/v1/status`), {
      ...{ method: "GET", timeoutMs: 60_000, ca: own.trusted() },
      headers: { authorization: `Bearer ${roleToken(secret, "reader")}` },
    });

  test("counts for an hour, and then gets 401 that says what to do; a stranger's learns nothing", async () => {
    const head = newKeys();
    await serve(head);
    rotate();
    await learn(head);
    expect((await withToken(head, "first")).status).toBe(200);
    await pass(60 * MINUTE_MS);
    const refused = await withToken(head, "first");
    expect(refused.status).toBe(401);
    expect(JSON.parse(refused.body)).toMatchObject({
      error: { code: "token-rotated", hint: expect.stringContaining("muster token --role") },
    });
    expect((await withToken(head, "first+")).status).toBe(200);
    expect(JSON.parse((await withToken(head, "a guess")).body)).toMatchObject({
      error: { code: "unauthenticated" },
    });
  });
});

describe("a head whose clock is wrong", () => {
  test.each<[string, number]>([
    ["five minutes slow", -5],
    ["five minutes fast", 5],
    ["twelve hours slow", -720],
    ["twelve hours fast", 720],
  ])("by what is %s, is reached all the same", async (_name, minutes) => {
    const [right, wrong] = [clock, manualClock(0, 1, new Date(Date.now() + minutes * MINUTE_MS))];
    clock = wrong;
    await serve(newKeys());
    clock = right;
    expect(await ask(clientOf(newKeys()))).not.toBe(401);
  });

  test.each<[string, number, string]>([
    ["two days fast", 2, "not valid yet by this node's clock"],
    ["ten days slow", -10, "not valid any more by this node's clock"],
  ])("by what is %s, is refused with an error that names the clocks", async (_name, days, words) => {
    const [right, wrong] = [clock, manualClock(0, 1, new Date(Date.now() + days * 1_440 * MINUTE_MS))];
    clock = wrong;
    await serve(newKeys());
    clock = right;
    const client = clientOf(newKeys());
    await expect(ask(client)).rejects.toThrow(words);
    const socket = client.dial(ADDRESS, PEER_PATH, 60_000);
    const [error] = await once(socket, "error");
    expect((error as Error).message).toContain(words);
    expect((error as Error).message).toContain("chronyc tracking");
  });
});

describe("connections to a peer", () => {
  test("are kept from one question to the next, and sessions resumed after", async () => {
    const head = newKeys();
    await serve(head);
    let connections = 0;
    const resumed: boolean[] = [];
    app.server.on("connection", () => {
      connections += 1;
    });
    app.server.on("secureConnection", (socket: { isSessionReused(): boolean }) =>
      resumed.push(socket.isSessionReused()),
    );
    const client = clientOf(newKeys());
    for (let n = 0; n < 5; n += 1) await ask(client);
    expect(connections).toBe(1);
    app.server.closeIdleConnections();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await ask(client);
    expect(resumed).toEqual([false, true]);
  });

  test("that end at the moment of the next question cost it nothing", async () => {
    const head = newKeys();
    await serve(head);
    const client = clientOf(newKeys());
    const first = await ask(client);
    for (let n = 0; n < 20; n += 1) {
      const asked = ask(client);
      app.server.closeIdleConnections();
      expect(await asked).toBe(first);
    }
  });
});
