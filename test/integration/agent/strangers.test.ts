import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import { ACCESS } from "../../../agent/http/app.js";
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
async function connectIdly(count: number, address: string): Promise<void> {
  const opened = Array.from({ length: count }, () => openBare(app.port, address));
  sockets.push(...opened);
  await Promise.all(
    opened.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
  );
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

  const routes = Object.entries(ACCESS).filter(([route]) => route !== `GET ${PEER_PATH}`);
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

  test.each([
    ["that says nothing", async (_socket: Socket) => {}],
    [
      "that sends its headers byte by byte",
      async (socket: Socket) => {
        const text = request("GET /readyz", `x-slow: ${"x".repeat(4_000)}`);
        for (const byte of text) {
          if (socket.destroyed) return;
          socket.write(byte);
          await systemClock.sleep(100);
        }
      },
    ],
  ])("one %s is cut, though it never ends", async (_name, behave) => {
    await start();
    const socket = open(app.port);
    sockets.push(socket);
    const end = closed(socket);
    const reply = readReply(socket);
    void behave(socket);
    await end;
    expect([0, 408]).toContain((await reply).status);
    expect(await readyz("127.0.0.1")).toBe(200);
  });
});
