import { once } from "node:events";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { WebSocket } from "ws";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import { connectionLimits } from "../../../agent/http/connections.js";
import { buildNotebookApp } from "../../../agent/http/notebook-app.js";
import { createJupyterApi } from "../../../agent/system/jupyter-api.js";
import { CLUSTER_SECRET, testAuthority, testKeys } from "../../support/agent/tls.js";
import { startJupyter, type TestJupyter } from "../../support/jupyter.js";

let jupyter: TestJupyter;
let app: FastifyInstance;
let port = 0;
let token: string | null = null;
const lines: string[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  jupyter = await startJupyter();
  token = jupyter.token;
  app = await buildNotebookApp({
    ...{ keys: testKeys(), address: "127.0.0.1", upstream: jupyter.origin, jupyterToken: () => token },
    connections: connectionLimits(1_024),
    log: pino({ level: "debug" }, { write: (line: string) => void lines.push(line) }),
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = (app.server.address() as AddressInfo).port;
}, 240_000);
afterAll(async () => {
  await app?.close();
  await jupyter?.stop();
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

const api = () => createJupyterApi({ base: `${jupyter.origin}/notebook/`, token: () => token });
const bearer = (role: Role) => ({ authorization: `Bearer ${roleToken(CLUSTER_SECRET, role)}` });
const OWN = () => ({ origin: `https://127.0.0.1:${port}`, ...bearer("operator") });

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = OWN(),
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      method,
      path,
      headers,
      ca: testAuthority(),
      agent: false,
      ...ANY_NAME,
    };
    const call = request(options, (reply) => {
      text(reply).then(
        (read) => resolve({ status: reply.statusCode ?? 0, body: read, headers: reply.headers }),
        reject,
      );
    });
    call.once("error", reject).end(body);
  });
}

/** The header says another host than the certificate: the server is to refuse that, and not this client. */
const ANY_NAME = { checkServerIdentity: () => undefined };
const codeOf = ({ status, body }: Answer) => [status, JSON.parse(body).error.code];

async function newKernel(): Promise<string> {
  const answer = await send(
    "POST",
    "/notebook/api/kernels",
    { ...OWN(), "content-type": "application/json" },
    "{}",
  );
  expect(answer.status).toBe(201);
  return JSON.parse(answer.body).id;
}

function open(path: string, headers: Readonly<Record<string, string>>, protocols: string[] = []): WebSocket {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, protocols, { headers, ca: testAuthority() });
  sockets.push(socket);
  return socket;
}

const cell = (code: string) => ({
  header: {
    ...{ msg_id: "m-1", msg_type: "execute_request", username: "", session: "s-1", version: "5.3" },
    date: "2026-01-01T00:00:00Z",
  },
  ...{ parent_header: {}, metadata: {}, channel: "shell", buffers: [] },
  content: { code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false },
});

/** The status of the refusal, or 101. */
const opened = (socket: WebSocket): Promise<number> =>
  new Promise((resolve, reject) => {
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.once("error", reject);
  });

describe("requests", () => {
  test("reach JupyterLab with its own token, which no answer has", async () => {
    const answer = await send("GET", "/notebook/api/status");
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, expect.objectContaining({ kernels: 0 })]);
    expect(JSON.stringify(answer)).not.toContain(jupyter.token);
  });

  test("have their cookies and their token taken off, and get none", async () => {
    const answer = await send("GET", "/notebook/api/me", { ...OWN(), cookie: "muster-session=secret" });
    expect(answer.status).toBe(200);
    const page = await send("GET", "/notebook/login?next=%2Fnotebook%2Fapi", OWN());
    expect(page.headers["set-cookie"]).toBeUndefined();
  });

  test("are answered with how long their connection is kept: the forwarder closes it before that", async () => {
    const answer = await send("GET", "/notebook/api", { ...OWN(), connection: "keep-alive" });
    expect(answer.headers["keep-alive"]).toBe("timeout=5");
  });

  test("with a body, with an empty one, and without", async () => {
    const json = { ...OWN(), "content-type": "application/json" };
    const made = await send(
      "PUT",
      "/notebook/api/contents/a..b.txt",
      json,
      JSON.stringify({ type: "file", format: "text", content: "x" }),
    );
    expect(made.status).toBe(201);
    expect((await send("GET", "/notebook/files/a..b.txt")).body).toBe("x");
    expect((await send("DELETE", "/notebook/api/contents/a..b.txt", json)).status).toBe(204);
    expect((await send("GET", "/notebook/files/a..b.txt")).status).toBe(404);
  });

  test.each<[string, Record<string, string>, unknown[]]>([
    ["no token", {}, [401, "unauthenticated"]],
    ["a made up one", { authorization: "Bearer x" }, [401, "unauthenticated"]],
    ["JupyterLab's own", { authorization: "token the-token-of-jupyter" }, [401, "unauthenticated"]],
    ["a reader's", bearer("reader"), [403, "forbidden"]],
    ["a peer's", bearer("peer"), [403, "forbidden"]],
    ["a foreign origin", { ...bearer("operator"), origin: "https://evil.example" }, [403, "cross-site"]],
    ["a rebound host", { ...bearer("operator"), host: "evil.example" }, [403, "cross-site"]],
    ["another site's form", { ...bearer("operator"), "sec-fetch-site": "cross-site" }, [403, "cross-site"]],
  ])("with %s are refused", async (_case, headers, expected) => {
    for (const method of ["GET", "POST", "DELETE"])
      expect(codeOf(await send(method, "/notebook/api/kernels", headers))).toEqual(expected);
  });

  test.each(["/notebook/../v1/status", "/notebook/%2e%2e/", "/notebook/a%2fb", "/notebook"])(
    "to %s are refused",
    async (path) => expect(codeOf(await send("GET", path))).toEqual([400, "path-refused"]),
  );

  test("outside of the notebook's path are not there", async () => {
    expect(codeOf(await send("GET", "/v1/status"))).toEqual([400, "path-refused"]);
    expect((await send("GET", "/v1/status", {})).status).toBe(401);
  });
});

describe("a WebSocket", () => {
  test("without a token, of a reader, or from another site is refused before JupyterLab hears of it", async () => {
    const id = await newKernel();
    const channels = `/notebook/api/kernels/${id}/channels`;
    expect(await opened(open(channels, {}))).toBe(401);
    expect(await opened(open("/notebook/terminals/websocket/1", {}))).toBe(401);
    expect(await opened(open(channels, bearer("reader")))).toBe(403);
    expect(await opened(open(channels, { ...OWN(), origin: "https://evil.example" }))).toBe(403);
    expect(await opened(open(channels, { ...bearer("operator"), host: "evil.example" }))).toBe(403);
    expect(await opened(open("/v1/peers", bearer("operator")))).toBe(400);
    const { body } = await send("GET", `/notebook/api/kernels/${id}`);
    expect(JSON.parse(body).connections).toBe(0);
    await send("DELETE", `/notebook/api/kernels/${id}`);
  });

  test("of a kernel carries a cell and half a megabyte of its output", async () => {
    const id = await newKernel();
    const socket = open(`/notebook/api/kernels/${id}/channels`, OWN());
    expect(await opened(socket)).toBe(101);
    let printed = 0;
    const done = new Promise<string>((resolve) => {
      socket.on("message", (data) => {
        const { msg_type: type, content } = JSON.parse(String(data));
        if (type === "stream") printed += content.text.length;
        if (type === "execute_reply") resolve(content.status);
      });
    });
    socket.send(JSON.stringify(cell("print('x' * 500_000)")));
    expect(await done).toBe("ok");
    for (let rounds = 0; rounds < 100 && printed < 500_001; rounds += 1) await sleep(50);
    expect(printed).toBe(500_001);
    await send("DELETE", `/notebook/api/kernels/${id}`);
  });

  test("of a kernel keeps its subprotocol", async () => {
    const id = await newKernel();
    const socket = open(`/notebook/api/kernels/${id}/channels`, OWN(), ["v1.kernel.websocket.jupyter.org"]);
    expect(await opened(socket)).toBe(101);
    expect(socket.protocol).toBe("v1.kernel.websocket.jupyter.org");
    await send("DELETE", `/notebook/api/kernels/${id}`);
  });

  test("that is closed right after it opened leaves none behind at JupyterLab", async () => {
    const id = await newKernel();
    for (let round = 0; round < 5; round += 1) {
      const socket = open(`/notebook/api/kernels/${id}/channels`, OWN());
      await opened(socket);
      const closed = once(socket, "close");
      socket.terminate();
      await closed;
    }
    const connections = async () =>
      JSON.parse((await send("GET", `/notebook/api/kernels/${id}`)).body).connections as number;
    for (let rounds = 0; rounds < 100 && (await connections()) > 0; rounds += 1) await sleep(100);
    expect(await connections()).toBe(0);
    await send("DELETE", `/notebook/api/kernels/${id}`);
  });
});

describe("what the agent asks JupyterLab itself", () => {
  test("a kernel that computes, and is gone again", async () => {
    await api().check();
    await api().tryKernel();
    expect(await api().sessions()).toEqual({ kernels: [], terminals: [] });
  }, 90_000);

  test("its kernels and terminals, without touching them", async () => {
    const id = await newKernel();
    const made = await send(
      "POST",
      "/notebook/api/terminals",
      { ...OWN(), "content-type": "application/json" },
      "{}",
    );
    const name = JSON.parse(made.body).name as string;
    const before = JSON.parse((await send("GET", "/notebook/api/status?no_track_activity=1")).body);
    const seen = await api().sessions();
    expect(seen.kernels.map((kernel) => kernel.id)).toEqual([id]);
    expect(seen.kernels[0]?.lastActivity.getTime()).not.toBeNaN();
    expect(seen.terminals.map((terminal) => terminal.id)).toEqual([name]);
    const after = JSON.parse((await send("GET", "/notebook/api/status?no_track_activity=1")).body);
    expect(after.last_activity).toBe(before.last_activity);
    await send("DELETE", `/notebook/api/kernels/${id}`);
    await send("DELETE", `/notebook/api/terminals/${name}`);
  });

  test("fails with a wrong token, although its open page says 200", async () => {
    const wrong = createJupyterApi({
      base: `${jupyter.origin}/notebook/`,
      token: () => `${jupyter.token}\n `,
    });
    await expect(wrong.check()).rejects.toThrow();
    const other = createJupyterApi({ base: `${jupyter.origin}/notebook/`, token: () => "another" });
    await expect(other.check()).rejects.toThrow("HTTP 403");
  });
});

describe("before JupyterLab is there, or when it has gone", () => {
  afterEach(() => {
    token = jupyter.token;
  });

  test("requests and WebSockets get a 503 with its code", async () => {
    token = null;
    expect(codeOf(await send("GET", "/notebook/lab"))).toEqual([503, "notebook-down"]);
    expect(await opened(open("/notebook/api/events/subscribe", OWN()))).toBe(503);
    token = jupyter.token;
    await jupyter.stop();
    expect(codeOf(await send("GET", "/notebook/lab"))).toEqual([503, "notebook-down"]);
  });
});

test("nothing that was logged has a token, or a cookie", () => {
  const log = lines.join("");
  for (const secret of [jupyter.token, roleToken(CLUSTER_SECRET, "operator"), "muster-session"])
    expect(log).not.toContain(secret);
});
