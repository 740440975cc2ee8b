import { randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { connect } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import { ACCESS } from "../../../agent/http/app.js";
import { EVENT_FOLLOW_PATH } from "../../../agent/http/event-routes.js";
import { LOG_FOLLOW_PATH } from "../../../agent/http/log-routes.js";
import { PEER_PATH } from "../../../agent/peers/messages.js";
import { systemClock } from "../../../agent/time/clock.js";
import { type AppProcess, startAppProcess } from "../../support/agent/app-process.js";
import { exchange, open, openBare, readReply } from "../../support/agent/raw-http.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";

let app: AppProcess;
const sockets: Socket[] = [];
const links: WebSocket[] = [];
async function start(before?: string): Promise<void> {
  app = await startAppProcess(before);
}
afterEach(() => {
  for (const link of links.splice(0)) link.terminate();
  for (const socket of sockets.splice(0)) socket.destroy();
});

const bearer = (role: Role) => `authorization: Bearer ${roleToken(CLUSTER_SECRET, role)}`;
const request = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, "host: node", ...headers].join("\r\n");
const upgrade = (protocol: string) => [
  "connection: upgrade",
  `upgrade: ${protocol}`,
  "sec-websocket-version: 13",
  `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
];
const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

/** Connects and says nothing, `count` times; resolves when each is connected, or was refused. */
async function connectIdly(count: number, address: string): Promise<readonly Socket[]> {
  const opened = Array.from({ length: count }, () => openBare(app.port, address));
  sockets.push(...opened);
  await Promise.all(
    opened.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
  );
  return opened;
}

/** A node's link to the head: it says hello, and hears the lease for each heartbeat. */
async function linkOf(address: string) {
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "peer")}` };
  const socket = new WebSocket(`wss://127.0.0.1:${app.port}${PEER_PATH}`, {
    ...{ headers, localAddress: address },
    ca: testAuthority(),
  });
  links.push(socket);
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const node = { id: `i-${address}`, address, hostname: "n", cores: 1, kind: "worker" };
  const say = (message: object) =>
    new Promise<string>((resolve, reject) => {
      socket.once("message", (data) => resolve(String(data)));
      socket.once("close", () => reject(new Error("the link was closed")));
      socket.send(JSON.stringify({ ...message, failingProbes: [] }));
    });
  expect(await say({ type: "hello", node })).toContain("lease");
  return { beat: () => say({ type: "heartbeat" }) };
}

async function readyz(address: string): Promise<number> {
  const socket = open(app.port, address);
  socket.write(`${request("GET /readyz")}\r\n\r\n`);
  const { status } = await readReply(socket);
  socket.destroy();
  return status;
}

describe("an upgrade", () => {
  beforeAll(() => start());
  afterAll(() => app.stop());

  // What takes an upgrade: the test of the route sees to it.
  const taken = [PEER_PATH, EVENT_FOLLOW_PATH].map((path) => `GET ${path}`);
  const routes = Object.entries(ACCESS).filter(([route]) => !taken.includes(route));
  const cases = routes.flatMap(([route, access]): [string, Role | "nobody", number][] =>
    access === "open"
      ? [[route, "nobody", 400]]
      : [
          [route, "nobody", 401],
          // Who may follow a log gets past the rule: there is no such job.
          [route, access[0] ?? "reader", route === `GET ${LOG_FOLLOW_PATH}` ? 404 : 400],
        ],
  );

  test.each(cases)(
    "of %s by %s is refused with %i, and the connection closed",
    async (route, who, status) => {
      for (const protocol of ["websocket", "h2c", "x"]) {
        const line = route.replace(":id", "job-1");
        const socket = open(app.port);
        sockets.push(socket);
        socket.write(
          `${request(line, ...upgrade(protocol), ...(who === "nobody" ? [] : [bearer(who)]))}\r\n\r\n`,
        );
        const end = closed(socket);
        expect((await readReply(socket)).status).toBe(status);
        await end;
      }
    },
  );

  test.each([
    ["without a token", [], 401],
    ["with a reader's token", [bearer("reader")], 403],
    ["of another protocol, by a peer", [bearer("peer"), "upgrade: h2c"], 400],
  ])("of the peers' own route %s is refused before 101", async (_name, headers, status) => {
    const protocol = headers.some((header) => header.startsWith("upgrade")) ? "h2c" : "websocket";
    const own = headers.filter((header) => !header.startsWith("upgrade"));
    const reply = await exchange(app.port, request(`GET ${PEER_PATH}`, ...upgrade(protocol), ...own));
    expect(reply.status).toBe(status);
  });
});

/** What a client of TLS says first, whole. */
async function clientHello(): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const heard = new Promise<Buffer>((resolve) =>
    server.once("connection", (socket) => socket.once("data", (bytes) => resolve(bytes as Buffer))),
  );
  const client = open((server.address() as AddressInfo).port);
  const hello = await heard;
  client.destroy();
  server.close();
  return hello;
}

describe("TLS handshakes of strangers", () => {
  afterEach(() => app.stop());
  /** More than a thousand of them at once cost, on top of the process. */
  const MAX_GROWTH_BYTES = 120_000_000;

  test.each<[string, (hello: Buffer) => Buffer]>([
    ["after the client's hello", (hello) => hello],
    ["in the middle of it", (hello) => hello.subarray(0, 11)],
  ])(
    "5,000 that stand still %s, from 20 addresses, keep neither a link nor /readyz nor memory",
    async (_name, cut) => {
      await start();
      const [link, { rssBytes }] = [await linkOf("127.0.0.2"), await app.health()];
      const bytes = cut(await clientHello());
      for (let n = 0; n < 20; n += 1) {
        for (const socket of await connectIdly(250, `127.0.1.${n + 1}`)) socket.write(bytes);
        if (n % 5 === 4) {
          expect(await readyz("127.0.0.3")).toBe(200);
          expect(await link.beat()).toContain("lease");
        }
      }
      expect(await linkOf("127.0.0.4")).toBeDefined();
      const health = await app.health();
      expect(health.descriptors).toBeLessThan(1_500);
      expect(health.rssBytes - rssBytes).toBeLessThan(MAX_GROWTH_BYTES);
    },
  );

  test.each<[string, Buffer]>([
    ["a request without TLS", Buffer.from(`${request("GET /readyz")}\r\n\r\n`)],
    ["random bytes", randomBytes(50_000)],
    ["zeros", Buffer.alloc(50_000)],
    [
      "a record of the greatest length",
      Buffer.concat([Buffer.from("160301ffff", "hex"), randomBytes(65_535)]),
    ],
  ])("%s instead of one ends the connection, without a word of the app's", async (_name, bytes) => {
    await start();
    for (let n = 0; n < 50; n += 1) {
      const socket = openBare(app.port);
      sockets.push(socket);
      const end = closed(socket);
      let text = "";
      socket.on("data", (data) => {
        text += String(data);
      });
      socket.write(bytes);
      await end;
      expect(text).not.toContain("HTTP/1.1 200");
    }
    expect(await readyz("127.0.0.1")).toBe(200);
  });

  test("a client that asks for an old version of TLS is refused", async () => {
    await start();
    const socket = connect({ host: "127.0.0.1", port: app.port, ca: testAuthority(), maxVersion: "TLSv1.2" });
    const refusal = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
    expect(refusal.code).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });
});

describe("connections of strangers", () => {
  afterEach(() => app.stop());

  test("5,000 idle ones from one address stop neither /readyz from another, nor a link, nor the same address", async () => {
    await start();
    const [near, far] = [await linkOf("127.0.0.2"), await linkOf("127.0.0.3")];
    for (let round = 0; round < 10; round += 1) {
      await connectIdly(500, "127.0.0.2");
      expect(await readyz("127.0.0.4")).toBe(200);
    }
    expect(await readyz("127.0.0.2")).toBe(200);
    expect([await near.beat(), await far.beat()]).toEqual([
      expect.stringContaining("lease"),
      expect.stringContaining("lease"),
    ]);
    expect(await linkOf("127.0.0.2")).toBeDefined();
    const { descriptors } = await app.health();
    expect(descriptors).toBeLessThan(500);
  });

  test("a node keeps what it holds with a token, whatever comes from its own address", async () => {
    await start();
    const status = request("GET /v1/status", bearer("reader"));
    const socket = open(app.port, "127.0.0.2");
    sockets.push(socket);
    socket.write(`${status}\r\n\r\n`);
    expect((await readReply(socket)).status).toBe(200);
    await connectIdly(600, "127.0.0.2");
    socket.write(`${status}\r\n\r\n`);
    expect((await readReply(socket)).status).toBe(200);
  });

  test("from many addresses leave descriptors for the agent's own work, however few it has", async () => {
    await start("ulimit -n 256");
    const link = await linkOf("127.0.0.2");
    for (let n = 10; n < 60; n += 1) await connectIdly(20, `127.0.0.${n}`);
    expect(await readyz("127.0.0.3")).toBe(200);
    expect(await link.beat()).toContain("lease");
    const { descriptors } = await app.health();
    expect(descriptors).toBeLessThan(200);
  });
});

/** Sends it byte by byte, until the socket is closed. */
async function trickle(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    if (socket.destroyed) return;
    socket.write(Buffer.from([byte]));
    await systemClock.sleep(100);
  }
}

describe("a stranger that never ends", () => {
  /** Each as its test finds it: all begin at once, for each is cut after some seconds. */
  interface Slow {
    readonly socket: Socket;
    readonly end: Promise<unknown>;
    readonly reply: Promise<{ readonly status: number }> | null;
  }
  const slow = new Map<string, Slow>();
  const HEADERS = Buffer.from(request("GET /readyz", `x-slow: ${"x".repeat(4_000)}`));
  const BEFORE_TLS: Readonly<Record<string, (socket: Socket, hello: Buffer) => unknown>> = {
    "that says nothing": () => {},
    "that sends its hello byte by byte": trickle,
    "that says hello, and then nothing": (socket, hello) => socket.write(hello),
  };
  const IN_TLS: Readonly<Record<string, (socket: Socket) => unknown>> = {
    "that says nothing after it": () => {},
    "that sends its headers byte by byte": (socket) => trickle(socket, HEADERS),
  };

  beforeAll(async () => {
    await start();
    const hello = await clientHello();
    for (const [name, behave] of Object.entries(BEFORE_TLS)) {
      const socket = openBare(app.port);
      // What the server says must be read, or its end is never seen.
      socket.resume();
      slow.set(name, { socket, end: closed(socket), reply: null });
      behave(socket, hello);
    }
    for (const [name, behave] of Object.entries(IN_TLS)) {
      const socket = open(app.port);
      slow.set(name, { socket, end: closed(socket), reply: readReply(socket) });
      behave(socket);
    }
  });
  afterAll(async () => {
    for (const { socket } of slow.values()) socket.destroy();
    await app.stop();
  });

  test.each(Object.keys(BEFORE_TLS))("one %s is cut before any request could be", async (name) => {
    await slow.get(name)?.end;
    expect(slow.get(name)?.socket.destroyed).toBe(true);
    expect(await readyz("127.0.0.1")).toBe(200);
  });

  test.each(Object.keys(IN_TLS))("one %s is cut, once there is TLS", async (name) => {
    await slow.get(name)?.end;
    expect([0, 408]).toContain((await slow.get(name)?.reply)?.status);
    expect(await readyz("127.0.0.1")).toBe(200);
  });
});
