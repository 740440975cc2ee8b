import { createServer } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { roleToken } from "../../../agent/contract/tokens.js";
import type { Forwarder, Forwarding, NotebookUpstream } from "../../../scripts/cli/core/forwarding.js";
import { openBare, type RawReply, readReply } from "../../support/agent/raw-http.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";
import { loadForwarding, type PlayedAgent, playAgent } from "../../support/cli/forwarder.js";

const TOKEN = roleToken(CLUSTER_SECRET, "operator");
const FORM = "content-type: application/x-www-form-urlencoded";

let forwarding: Forwarding;
let agent: PlayedAgent;
let forwarder: Forwarder;
let upstream: NotebookUpstream | null;
let codes: string[];
let failures: string[];
let nowMs: number;
let base: string;
let host: string;

beforeAll(() => {
  forwarding = loadForwarding();
});
beforeEach(async () => {
  agent = await playAgent();
  [upstream, codes, failures, nowMs] = [agent.upstream(), [], [], Date.parse("2026-01-01T00:00:00Z")];
  forwarder = await forwarding.serve({
    ...{ port: 0, upstream: () => upstream, now: () => new Date(nowMs) },
    onFailure: (why) => void failures.push(why),
    onCode: (code) => void codes.push(code),
  });
  host = `127.0.0.1:${forwarder.port}`;
  base = `http://${host}`;
});
afterEach(async () => {
  await forwarder.close();
  await agent.close();
});

/** Sends bytes as they are, and reads one answer. */
async function raw(lines: readonly string[], body = ""): Promise<RawReply> {
  const socket = openBare(forwarder.port);
  socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  const reply = await readReply(socket);
  socket.destroy();
  return reply;
}

function enter(code: string, headers: readonly string[] = ["origin: null", "sec-fetch-site: cross-site"]) {
  const body = `code=${encodeURIComponent(code)}`;
  return raw(
    ["POST /muster-session HTTP/1.1", `host: ${host}`, FORM, `content-length: ${body.length}`, ...headers],
    body,
  );
}
const cookieIn = ({ text }: RawReply): string => /set-cookie: ([^;]+)/i.exec(text)?.[1] ?? "";
const session = async (): Promise<string> => cookieIn(await enter(forwarder.newCode()));

function openSocket(cookie: string, more: Record<string, string> = {}): WebSocket {
  const headers = { cookie, origin: base, ...more };
  return new WebSocket(
    `ws://${host}/notebook/api/kernels/k/channels?session_id=1`,
    "v1.kernel.websocket.jupyter.org",
    {
      ...{ headers, maxPayload: 16_777_216 },
    },
  );
}
/** The status that a WebSocket's request was answered with; 101: it is open. */
const statusOf = (socket: WebSocket): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_request, reply) => resolve(reply.statusCode ?? 0));
    socket.once("error", reject);
  });
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("a browser's session", () => {
  test("begins with the page in the file: its code is in the body, and a page of this server goes on to JupyterLab", async () => {
    const page = forwarder.openingPage();
    expect(page).toContain(`action="${base}/muster-session"`);
    const [, code = ""] = /name="code" value="([^"]+)"/.exec(page) ?? [];
    const reply = await enter(code);
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(
      /set-cookie: muster-notebook-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict\r\n/i,
    );
    expect(reply.text).toContain('http-equiv="refresh" content="0;url=/notebook/lab"');
    expect(reply.text).toMatch(/cache-control: no-store/i);
    expect(agent.seen).toEqual([]);
  });

  test("begins with the form, whose code comes to the terminal once, however often it is asked for", async () => {
    for (let asked = 0; asked < 3; asked++) expect(await (await fetch(base)).text()).toContain("<form");
    expect(codes).toEqual([expect.stringMatching(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/)]);
    const typed = ` ${codes[0]?.replaceAll("-", " ").toUpperCase()} `;
    const cookie = cookieIn(await enter(typed, [`origin: ${base}`, "sec-fetch-site: same-origin"]));
    const start = await fetch(base, { headers: { cookie }, redirect: "manual" });
    expect([start.status, start.headers.get("location")]).toEqual([303, "/notebook/lab"]);
  });

  test("a code is good once", async () => {
    const code = forwarder.newCode();
    expect((await enter(code)).status).toBe(200);
    expect((await enter(code)).status).toBe(403);
  });

  test("a code is good for a minute, and a new one comes to the terminal after that", async () => {
    const code = forwarder.newCode();
    nowMs += 60_000;
    const late = await enter(code);
    expect([late.status, cookieIn(late)]).toEqual([403, ""]);
    expect(codes).toHaveLength(1);
    expect((await enter(codes[0] ?? "")).status).toBe(200);
  });

  test("codes are not to be guessed: after ten wrong ones none is good", async () => {
    const code = forwarder.newCode();
    for (let guess = 0; guess < 10; guess++) expect((await enter(`aaaa-${guess}`)).status).toBe(403);
    expect((await enter(code)).status).toBe(403);
  });

  test.each([
    [
      "no form",
      ["POST /muster-session HTTP/1.1", "content-type: application/json", "content-length: 2"],
      "{}",
    ],
    [
      "a body without an end",
      ["POST /muster-session HTTP/1.1", FORM, "content-length: 5000"],
      "a".repeat(5_000),
    ],
    [
      "a page of another site that knows no code",
      ["POST /muster-session HTTP/1.1", FORM, "origin: https://evil.example", "content-length: 0"],
      "",
    ],
  ])("fails with %s", async (_name, [first = "", ...lines], body) => {
    const reply = await raw([first, `host: ${host}`, ...lines], body);
    expect([reply.status, cookieIn(reply)]).toEqual([403, ""]);
  });

  test("a cookie of another forwarder, or one that is made up, is none", async () => {
    const [name = ""] = (await session()).split("=");
    for (const cookie of [`${name}=x`, `${name}=`, `${name}`, "", `x=${name}`])
      expect((await fetch(`${base}/notebook/lab`, { headers: { cookie } })).status).toBe(401);
    expect(agent.seen).toEqual([]);
  });
});

describe("what does not pass", () => {
  const EVIL = "evil.example";
  test.each([
    ["a rebound name", "GET /notebook/api HTTP/1.1", [`host: ${EVIL}`], 403],
    ["a rebound name with the port", "GET / HTTP/1.1", ["host: evil.example:PORT"], 403],
    [
      "a rebound name that posts",
      "POST /notebook/api/sessions HTTP/1.1",
      [`host: ${EVIL}`, `origin: http://${EVIL}`, "content-length: 0"],
      403,
    ],
    [
      "a rebound name that upgrades",
      "GET /notebook/api/kernels/k/channels HTTP/1.1",
      [`host: ${EVIL}`, `origin: http://${EVIL}`, "connection: upgrade", "upgrade: websocket"],
      403,
    ],
    [
      "a rebound name that knows a code",
      "POST /muster-session HTTP/1.1",
      [`host: ${EVIL}`, FORM, "content-length: 0"],
      403,
    ],
    ["another port's Host", "GET /notebook/api HTTP/1.1", ["host: 127.0.0.1:1"], 403],
    ["no Host", "GET /notebook/api HTTP/1.1", [], 400],
    ["two Hosts", "GET /notebook/api HTTP/1.1", ["host: HOST", "host: HOST"], 400],
    [
      "a foreign Origin with the session",
      "GET /notebook/api HTTP/1.1",
      ["host: HOST", "origin: https://evil.example"],
      403,
    ],
    [
      "another program of this machine",
      "POST /notebook/api/sessions HTTP/1.1",
      ["host: HOST", "origin: http://127.0.0.1:8080", "content-length: 0"],
      403,
    ],
    ["a file's Origin", "GET /notebook/api HTTP/1.1", ["host: HOST", "origin: null"], 403],
    [
      "two Origins",
      "GET /notebook/api HTTP/1.1",
      ["host: HOST", "origin: BASE", "origin: https://evil.example"],
      400,
    ],
    ["another site's image", "GET /notebook/api HTTP/1.1", ["host: HOST", "sec-fetch-site: cross-site"], 403],
    ["a sister site's link", "GET /notebook/lab HTTP/1.1", ["host: HOST", "sec-fetch-site: same-site"], 403],
    ["a path up", "GET /notebook/../v1/status HTTP/1.1", ["host: HOST"], 400],
    ["an encoded path up", "GET /notebook/%2e%2E/v1/status HTTP/1.1", ["host: HOST"], 400],
    ["an encoded slash", "GET /notebook/..%2fv1/status HTTP/1.1", ["host: HOST"], 400],
    ["a backslash", "GET /notebook/..\\v1 HTTP/1.1", ["host: HOST"], 400],
    ["an encoded backslash", "GET /notebook/..%5cv1 HTTP/1.1", ["host: HOST"], 400],
    ["another path of the agent", "GET /v1/status HTTP/1.1", ["host: HOST"], 404],
    ["a path that only begins alike", "GET /notebooks/x HTTP/1.1", ["host: HOST"], 404],
    ["an absolute URL", "GET http://10.0.0.1/notebook/api HTTP/1.1", ["host: HOST"], 400],
    ["a network path", "GET //10.0.0.1/notebook/api HTTP/1.1", ["host: HOST"], 400],
    ["a method that repeats headers", "TRACE /notebook/api HTTP/1.1", ["host: HOST"], 405],
    [
      "two lengths of one body",
      "POST /notebook/api HTTP/1.1",
      ["host: HOST", "content-length: 4", "transfer-encoding: chunked"],
      400,
    ],
    [
      "two lengths",
      "POST /notebook/api HTTP/1.1",
      ["host: HOST", "content-length: 4", "content-length: 5"],
      400,
    ],
    [
      "a header that holds another",
      "GET /notebook/api HTTP/1.1",
      ["host: HOST", "x: a\nhost: evil.example"],
      400,
    ],
    [
      "an upgrade without Origin",
      "GET /notebook/api/kernels/k/channels HTTP/1.1",
      ["host: HOST", "connection: upgrade", "upgrade: websocket"],
      403,
    ],
    [
      "an upgrade from a foreign Origin",
      "GET /notebook/api/kernels/k/channels HTTP/1.1",
      ["host: HOST", "origin: https://evil.example", "connection: upgrade", "upgrade: websocket"],
      403,
    ],
    [
      "an upgrade to something else",
      "GET /notebook/api HTTP/1.1",
      ["host: HOST", "origin: BASE", "connection: upgrade, http2-settings", "upgrade: h2c"],
      400,
    ],
    [
      "an upgrade with a body",
      "GET /notebook/api HTTP/1.1",
      ["host: HOST", "origin: BASE", "connection: upgrade", "upgrade: websocket", "content-length: 30"],
      400,
    ],
    [
      "an upgrade elsewhere",
      "GET /v1/events/follow HTTP/1.1",
      ["host: HOST", "origin: BASE", "connection: upgrade", "upgrade: websocket"],
      404,
    ],
  ])("%s is refused, and the agent hears nothing", async (_name, first, lines, status) => {
    const cookie = await session();
    const filled = lines.map((line) =>
      line.replace("HOST", host).replace("BASE", base).replace("PORT", `${forwarder.port}`),
    );
    const reply = await raw([first, ...filled, `cookie: ${cookie}`]);
    expect(reply.status).toBe(status);
    expect(agent.seen).toEqual([]);
    expect(agent.sockets.size).toBe(0);
  });

  test.each([
    ["a page", "GET /notebook/lab"],
    ["the API", "GET /notebook/api/contents"],
    ["a new kernel", "POST /notebook/api/kernels"],
  ])("%s without a session is refused, and the agent hears nothing", async (_name, first) => {
    const reply = await raw([`${first} HTTP/1.1`, `host: ${host}`, "content-length: 0"]);
    expect(reply.status).toBe(401);
    expect(agent.seen).toEqual([]);
  });

  test("an upgrade without a session is refused before the agent hears of it", async () => {
    expect(await statusOf(openSocket("")).catch(() => 0)).toBe(401);
    expect(agent.sockets.size).toBe(0);
  });
});

/** Half a second at least: then nothing more is taken. */
const STILL_LOOKS = 50;

describe("what passes", () => {
  test("goes to the agent with its token, and without what is this machine's", async () => {
    const headers = {
      cookie: `other=1; ${await session()}; _xsrf=2`,
      ...{ authorization: "Bearer mine", origin: base, referer: `${base}/notebook/lab` },
      ...{
        "x-forwarded-for": "1.2.3.4",
        forwarded: "for=1.2.3.4",
        "x-xsrftoken": "2",
        "sec-fetch-site": "same-origin",
      },
    };
    const reply = await fetch(`${base}/notebook/api/contents/a%20b?x=%2F`, {
      method: "PUT",
      headers,
      body: "{}",
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("set-cookie")).toBeNull();
    const [seen] = agent.seen;
    expect(seen).toMatchObject({ method: "PUT", url: "/notebook/api/contents/a%20b?x=%2F", bodyBytes: 2 });
    expect(seen?.headers).toMatchObject({
      ...{ host: "127.0.0.1:8471", origin: "https://127.0.0.1:8471", authorization: `Bearer ${TOKEN}` },
      ...{ "x-xsrftoken": "2", "sec-fetch-site": "same-origin" },
    });
    for (const name of ["cookie", "referer", "forwarded", "x-forwarded-for"])
      expect(seen?.headers).not.toHaveProperty(name);
  });

  test("a Connection header does not take the token off", async () => {
    const cookie = await session();
    await raw([
      "GET /notebook/api HTTP/1.1",
      `host: ${host}`,
      `cookie: ${cookie}`,
      "connection: close, authorization",
    ]);
    expect(agent.seen[0]?.headers["authorization"]).toBe(`Bearer ${TOKEN}`);
  });

  test("WebSockets keep their subprotocol, and carry 5 MB both ways", async () => {
    const socket = openSocket(await session(), { authorization: "Bearer mine" });
    expect(await statusOf(socket)).toBe(101);
    expect(socket.protocol).toBe("v1.kernel.websocket.jupyter.org");
    const big = Buffer.alloc(5_000_000, "m");
    const echoed = new Promise<Buffer>((resolve) =>
      socket.once("message", (data) => resolve(data as Buffer)),
    );
    socket.send(big);
    expect((await echoed).equals(big)).toBe(true);
    const [seen] = agent.seen;
    expect(seen?.url).toBe("/notebook/api/kernels/k/channels?session_id=1");
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      origin: "https://127.0.0.1:8471",
    });
    expect(seen?.headers).not.toHaveProperty("cookie");
    socket.terminate();
    await until(() => agent.sockets.size === 0);
  });

  test("a WebSocket that is closed right after it was opened leaves nothing at the agent", async () => {
    const cookie = await session();
    for (let opened = 0; opened < 20; opened++) {
      const socket = openSocket(cookie);
      socket.on("error", () => undefined);
      if (opened % 2 === 0) await statusOf(socket);
      socket.terminate();
    }
    const last = openSocket(cookie);
    await statusOf(last);
    await until(() => agent.sockets.size === 1);
    last.close();
    await until(() => agent.sockets.size === 0);
  });

  test("the agent's end of a WebSocket ends the browser's", async () => {
    const socket = openSocket(await session());
    await statusOf(socket);
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    for (const theirs of agent.sockets) theirs.terminate();
    expect(await closed).toBe(1006);
  });

  test("an upload of 20 MB comes whole", async () => {
    const body = Buffer.alloc(20_000_000, "u");
    const reply = await fetch(`${base}/notebook/api/contents/x`, {
      method: "PUT",
      headers: { cookie: await session() },
      body,
    });
    expect(await reply.json()).toMatchObject({ bodyBytes: body.length });
  });

  test("a browser that does not read holds the notebook's answer back, and others are served meanwhile", async () => {
    const cookie = await session();
    const slow = openBare(forwarder.port);
    slow.pause();
    slow.write(`GET /notebook/endless HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`);
    let [before, looks] = [0, 0];
    await until(() => {
      looks = agent.sentBytes() === before ? looks + 1 : 0;
      before = agent.sentBytes();
      return before > 0 && looks === STILL_LOOKS;
    });
    expect(before).toBeLessThan(64_000_000);
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie } })).status).toBe(200);
    slow.destroy();
  });
});

describe("the node", () => {
  test("is known by its address, whatever the way to it", async () => {
    const other = await playAgent("10.0.0.7");
    expect(await forwarding.ask(other.upstream(), 5_000)).toEqual({ is: "good" });
    expect(other.seen[0]).toMatchObject({ url: "/notebook/api/status?no_track_activity=1" });
    upstream = other.upstream();
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie: await session() } })).status).toBe(200);
    await other.close();
  });

  test.each([
    ["another node", (of: PlayedAgent) => of.upstream({ address: "10.0.0.8" })],
    [
      "another cluster",
      (of: PlayedAgent) => of.upstream({ authorities: [testAuthority("another secret, long enough")] }),
    ],
  ])("that proves to be %s gets nothing: no token, no request, no WebSocket", async (_name, wrong) => {
    expect(await forwarding.ask(wrong(agent), 5_000)).toMatchObject({ is: "untrusted" });
    upstream = wrong(agent);
    const cookie = await session();
    const reply = await fetch(`${base}/notebook/api`, { headers: { cookie } });
    expect([reply.status, await reply.text()]).toEqual([
      502,
      expect.stringContaining("has not proved to be one of the cluster"),
    ]);
    await expect(statusOf(openSocket(cookie))).rejects.toThrow();
    expect(failures).toHaveLength(2);
    expect(agent.seen).toEqual([]);
  });

  test("that is gone is said to be, and is looked for; requests pass again when it is back", async () => {
    const cookie = await session();
    await agent.close();
    const away = await fetch(`${base}/notebook/lab`, { headers: { cookie } });
    // The page comes back by itself.
    expect([away.status, await away.text()]).toEqual([502, expect.stringContaining('http-equiv="refresh"')]);
    expect(failures).toEqual([expect.stringContaining("ECONNREFUSED")]);
    expect(await forwarding.ask(agent.upstream(), 5_000)).toMatchObject({ is: "silent" });
    upstream = null;
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie } })).status).toBe(502);
    agent = await playAgent();
    upstream = agent.upstream();
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie } })).status).toBe(200);
  });

  test("that breaks off in an answer breaks off the browser's, which would else take it for whole", async () => {
    const reply = await fetch(`${base}/notebook/broken`, { headers: { cookie: await session() } });
    await expect(reply.text()).rejects.toThrow();
  });

  test("that refuses the token is looked at; the answer is passed on", async () => {
    agent.status = 401;
    expect(await forwarding.ask(agent.upstream(), 5_000)).toEqual({ is: "status", status: 401 });
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie: await session() } })).status).toBe(401);
    expect(failures).toEqual(["the notebook's agent refuses the token"]);
  });

  test("loses a connection that is not used before it would close it: a request on one that is just closed would fail", async () => {
    const brief = await playAgent("127.0.0.1", 2);
    upstream = brief.upstream();
    expect((await fetch(`${base}/notebook/api`, { headers: { cookie: await session() } })).status).toBe(200);
    await until(() => brief.closedBy.length > 0);
    expect(brief.closedBy).toEqual(["forwarder"]);
    await brief.close();
  });

  test("is reached or not within the time that there is", async () => {
    const { host: at, port } = agent.upstream();
    expect(await forwarding.reach({ host: at, port }, 1_000)).toBe(true);
    const silent = createServer().listen(0, "127.0.0.1");
    await agent.close();
    expect(await forwarding.reach({ host: at, port }, 1_000)).toBe(false);
    silent.close();
  });
});

test("a taken port is named, with the next step", async () => {
  const serving = {
    upstream: () => null,
    onFailure: () => undefined,
    onCode: () => undefined,
    now: () => new Date(),
  };
  await expect(forwarding.serve({ ...serving, port: forwarder.port })).rejects.toThrow(
    `Port ${forwarder.port} of 127.0.0.1 can't be used: another program listens there. Give another one with --port, or none.`,
  );
});

test("it listens on 127.0.0.1 alone: another address of this machine gets no answer", async () => {
  expect(await forwarding.reach({ host: "127.0.0.1", port: forwarder.port }, 1_000)).toBe(true);
  expect(await forwarding.reach({ host: "127.0.0.2", port: forwarder.port }, 1_000)).toBe(false);
});
