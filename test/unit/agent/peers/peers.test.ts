import { createServer, type Server } from "node:https";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { WebSocket, WebSocketServer } from "ws";
import { AGENT_PORT } from "../../../../agent/contract/names.js";
import type { NodeNotice } from "../../../../agent/contract/node-notice.js";
import { createHeadLink, type HeadLink } from "../../../../agent/peers/head-link.js";
import { CLOSE, parseHeadMessage, parseNodeMessage } from "../../../../agent/peers/messages.js";
import { createPeerHub, type PeerEvents, type PeerHub } from "../../../../agent/peers/peer-socket.js";
import { statusOf } from "../../../../agent/status/known-status.js";
import { createPeerClient } from "../../../../agent/system/peer-client.js";
import { systemClock } from "../../../../agent/time/clock.js";
import { clusterItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { testAuthority, testPeer, testServer } from "../../../support/agent/tls.js";

/** A link also gives up after three of them without an answer: far more than a busy machine stands still. */
const HEARTBEAT_MS = 1_000;
/** Long enough for what must not happen to happen. */
const QUIET_MS = 300;
const HEAD_ADDRESS = "127.0.13.1";
const log = pino({ level: "silent" });
const LOGINS = { source: "ssh", count: 2, idleSeconds: 0 };
const node = { id: "i-a", address: "10.0.0.5", hostname: "ip-10-0-0-5", cores: 2, kind: "worker" } as const;
const lease = (generation: number) => ({
  holder: "i-head",
  holderAddress: HEAD_ADDRESS,
  generation,
  renewal: 0,
  ttlMs: 15_000,
  released: false,
  expiresAt: "2026-01-01T00:00:00.000Z",
});

const IDENTITY = testServer(HEAD_ADDRESS);
let tls: Server;
const update = {
  ageMs: 5,
  nodesVersion: 8,
  of: statusOf(clusterItem(), {
    head: null,
    generation: 1,
    jobs: { running: null, queued: 0, unreadable: [] },
  }),
};

let server: WebSocketServer;
let hub: PeerHub;
let heldLease: ReturnType<PeerEvents["lease"]>;
let events: string[];
let links: HeadLink[];
let failing: string[];
let said: unknown[];
let announced: NodeNotice[];
let shutsDown: boolean;

beforeEach(async () => {
  heldLease = { generation: 1, renewal: 4 };
  // A constant for the hub: a connection of an earlier test may end late.
  const own: string[] = [];
  events = own;
  links = [];
  failing = [];
  announced = [];
  shutsDown = false;
  said = [];
  hub = createPeerHub(
    {
      lease: () => heldLease,
      onReport({ id }, probes, { activity, notices, shutsDown }) {
        const more = [...notices.map(({ kind }) => kind), ...(shutsDown ? ["shuts down"] : [])];
        own.push(`report ${id} ${[...probes, ...more].join()}`);
        said.push(activity);
      },
      onNudge: ({ jobId }) => own.push(`nudge ${jobId}`),
      status: async (held) => (held === 7 ? { ...update, nodes: [nodeSummary("i-a")] } : update),
      onBye: (id) => own.push(`bye ${id}`),
      onLost: (id) => own.push(`lost ${id}`),
    },
    log,
  );
  tls = createServer(IDENTITY);
  server = new WebSocketServer({ server: tls });
  server.on("connection", (socket) => hub.accept(socket));
  await new Promise<void>((resolve) => tls.listen(AGENT_PORT, HEAD_ADDRESS, resolve));
});
afterEach(async () => {
  await Promise.all(links.map((link) => link.close()));
  for (const client of server.clients) client.terminate();
  server.close();
  await new Promise((resolve) => tls.close(resolve));
});

function link(heartbeatMs = HEARTBEAT_MS): HeadLink {
  const made = createHeadLink({
    node,
    dial: createPeerClient(testPeer()).dial,
    heartbeatMs,
    clock: systemClock,
    failingProbes: () => failing,
    onSecretAt: (secretAt) => events.push(`secret ${secretAt}`),
    activity: () => [LOGINS],
    notices: () => announced,
    shutsDown: () => shutsDown,
    isBusy: () => false,
    onRenewal: (generation, renewal) => events.push(`renewal ${generation}/${renewal}`),
    onSilence: () => {},
    onStatus: (generation, { nodesVersion, nodes }) =>
      events.push(`status ${generation}/${nodesVersion} ${nodes?.length ?? "held"}`),
    onChange: () => events.push("change"),
    log,
  });
  links.push(made);
  return made;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`never came about; events: ${events.join(", ")}`);
    await systemClock.sleep(5);
  }
}
const count = (event: string) => events.filter((each) => each === event).length;

describe("a node's sources of activity", () => {
  test("come with its hello and each heartbeat", async () => {
    const connection = link();
    connection.follow(lease(1));
    await until(() => said.length >= 2);
    expect(said.slice(0, 2)).toEqual([[LOGINS], [LOGINS]]);
  });

  test("are not there of an agent of before, which is no wrong message; and a head of before reads what this one sends", () => {
    const hello = { type: "hello", node, failingProbes: [] };
    expect(parseNodeMessage(JSON.stringify(hello))).toEqual(hello);
    const more = {
      type: "heartbeat",
      failingProbes: [],
      activity: [{ ...LOGINS, source: "later" }],
      other: 1,
    };
    expect(parseNodeMessage(JSON.stringify(more))).toEqual(more);
  });

  test.each([
    ["too many", Array.from({ length: 9 }, () => LOGINS)],
    ["a count that is none", [{ ...LOGINS, count: -1 }]],
    ["a name that is too long", [{ ...LOGINS, source: "x".repeat(33) }]],
  ])("are bounded: %s", (_name, activity) => {
    expect(parseNodeMessage(JSON.stringify({ type: "heartbeat", failingProbes: [], activity }))).toBeNull();
  });
});

describe("a node and its head", () => {
  test("hello, welcome with the lease, heartbeats, and a change of probes told at once", async () => {
    const connection = link();
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    expect(events).toEqual(["report i-a ", "renewal 1/4", "change"]);
    heldLease = { generation: 1, renewal: 5 };
    await until(() => events.includes("renewal 1/5"));

    failing = ["shared"];
    connection.reportNow();
    await until(() => events.includes("report i-a shared"));
    announced = [{ kind: "spot-interruption", at: "2026-01-01T00:00:00.000Z", what: "terminate" }];
    connection.reportNow();
    await until(() => events.includes("report i-a shared,spot-interruption"));
    shutsDown = true;
    connection.reportNow();
    await until(() => events.includes("report i-a shared,spot-interruption,shuts down"));
    expect(count("change")).toBe(1);
  });

  test("at rest the head asks, and each question costs one heartbeat and no answer", async () => {
    heldLease = { generation: 1, renewal: 5, restMs: 5_000 };
    const connection = link();
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    events.length = 0;
    heldLease = { generation: 1, renewal: 6, restMs: 5_000 };
    hub.ask();
    await until(() => events.includes("report i-a "));
    await systemClock.sleep(3 * HEARTBEAT_MS);
    expect(events.filter((event) => !event.startsWith("secret"))).toEqual(["renewal 1/6", "report i-a "]);
    heldLease = { generation: 1, renewal: 6 };
    hub.ask();
    await until(() => count("report i-a ") >= 4);
  });

  test("the cluster's status comes to a node that asks, and to no other", async () => {
    const connection = link();
    connection.askStatus(0);
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    connection.reportNow();
    connection.askStatus(7);
    await until(() => events.includes("status 1/8 1"));
    connection.askStatus(8);
    await until(() => events.includes("status 1/8 held"));
    expect(count("status 1/8 1")).toBe(1);
    expect(connection.isConnected()).toBe(true);
  });

  test("a nudge reaches the head with its job, and is lost without one", async () => {
    const connection = link();
    connection.nudge({ jobId: "job-0" });
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    connection.nudge({ jobId: "job-1" });
    connection.nudge({ jobId: null });
    await until(() => events.includes("nudge null"));
    expect(events.filter((event) => event.startsWith("nudge"))).toEqual(["nudge job-1", "nudge null"]);
    expect(connection.isConnected()).toBe(true);
  });

  test("a goodbye is no loss; a broken connection is", async () => {
    const connection = link();
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    await connection.close();
    await until(() => events.includes("bye i-a"));
    expect(count("lost i-a")).toBe(0);

    connection.follow(lease(1));
    await until(() => connection.isConnected());
    for (const client of server.clients) client.terminate();
    await until(() => events.includes("lost i-a") && !connection.isConnected());
  });

  test("a node that a job has taken for lost has to connect anew", async () => {
    const connection = link();
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    hub.drop("i-a");
    await until(() => !connection.isConnected());
    expect(count("lost i-a")).toBe(0);
    hub.drop("i-unknown");
    connection.follow(lease(1));
    await until(() => connection.isConnected());
  });

  test("a head that falls silent is given up after some heartbeats", async () => {
    const heartbeatMs = 300;
    const connection = link(heartbeatMs);
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    server.on("connection", (socket) => socket.pause());
    for (const client of server.clients) client.pause();
    const pausedAtMs = performance.now();
    await until(() => !connection.isConnected());
    // The last answer may have come some time before.
    expect(performance.now() - pausedAtMs).toBeGreaterThan(heartbeatMs);
  });

  test("a connection that the network has dropped without a word is replaced within a few heartbeats, and nobody is lost", async () => {
    // Much later than that the link would be given up: what is seen here comes before.
    const heartbeatMs = 500;
    const connection = link(heartbeatMs);
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    const [dropped] = server.clients;
    dropped?.pause();
    await until(() => server.clients.size === 2 || dropped?.readyState !== WebSocket.OPEN);
    await until(() => dropped?.readyState !== WebSocket.OPEN || count("report i-a ") > 3);
    expect(connection.isConnected()).toBe(true);
    expect(count("lost i-a")).toBe(0);
    const reports = count("report i-a ");
    await until(() => count("report i-a ") > reports + 1);
    expect([connection.isConnected(), count("lost i-a"), count("change")]).toEqual([true, 0, 1]);
  });

  test("a head that steps down closes all connections; a node that is not head takes none", async () => {
    const connection = link();
    connection.follow(lease(1));
    await until(() => connection.isConnected());
    heldLease = null;
    hub.closeAll();
    await until(() => !connection.isConnected());
    connection.follow(lease(1));
    await systemClock.sleep(QUIET_MS);
    expect(connection.isConnected()).toBe(false);
    expect(count("lost i-a")).toBe(0);
  });

  test("a newer connection of a node replaces the older one, whose end is no loss", async () => {
    const [older, newer] = [link(), link()];
    older.follow(lease(1));
    await until(() => older.isConnected());
    newer.follow(lease(1));
    await until(() => newer.isConnected() && !older.isConnected());
    await systemClock.sleep(QUIET_MS);
    expect(newer.isConnected()).toBe(true);
    expect(count("lost i-a")).toBe(0);
  });

  test.each([
    ["what is no JSON", "{"],
    ["an unknown type", '{"type":"command"}'],
    ["a heartbeat before hello", '{"type":"heartbeat","failingProbes":[]}'],
    [
      "a hello with a host name for an address",
      JSON.stringify({ type: "hello", node: { ...node, address: "evil:1\n" }, failingProbes: [] }),
    ],
    [
      "a hello of no known kind",
      JSON.stringify({ type: "hello", node: { ...node, kind: "master" }, failingProbes: [] }),
    ],
    [
      "a hello without cores",
      JSON.stringify({ type: "hello", node: { ...node, cores: 0 }, failingProbes: [] }),
    ],
  ])("%s is refused", async (_name, text) => {
    const socket = new WebSocket(`wss://${HEAD_ADDRESS}:${AGENT_PORT}`, { ca: testAuthority() });
    socket.on("open", () => socket.send(text));
    const code = await new Promise((resolve) => socket.on("close", resolve));
    expect(code).toBe(CLOSE.INVALID);
    expect(events).toEqual([]);
  });
});

test("only whole messages are understood", () => {
  const lease = { type: "lease", generation: 1, renewal: 2 };
  for (const said of [
    lease,
    { ...lease, secretAt: 3 },
    { ...lease, nodes: 0 },
    { ...lease, restMs: 5, asks: true },
  ])
    expect(parseHeadMessage(JSON.stringify(said))).toStrictEqual(said);
  expect(parseHeadMessage('{"type":"lease","generation":"1","renewal":2}')).toBeNull();
  expect(parseNodeMessage('{"type":"bye"}')).toEqual({ type: "bye" });
  expect(parseNodeMessage('{"type":"heartbeat","failingProbes":[1]}')).toBeNull();
});
