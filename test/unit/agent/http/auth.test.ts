import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type FastifyInstance, fastify, type HTTPMethods } from "fastify";
import { WebSocket } from "ws";
import { ROLES, type Role, roleToken } from "../../../../agent/contract/tokens.js";
import { ACCESS, buildApp } from "../../../../agent/http/app.js";
import { enforceAccess } from "../../../../agent/http/auth.js";
import { PEER_PATH } from "../../../../agent/peers/messages.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_SECRET, testAuthority, testKeys } from "../../../support/agent/tls.js";

const METHODS: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const tokens: Record<string, string | undefined> = {
  nobody: undefined,
  "a wrong token": "Bearer AAAA",
  "another cluster's operator": `Bearer ${roleToken("another secret", "operator")}`,
  "the secret itself": `Bearer ${CLUSTER_SECRET}`,
  "basic authentication": `Basic ${roleToken(CLUSTER_SECRET, "operator")}`,
  ...Object.fromEntries(ROLES.map((role) => [role, `Bearer ${roleToken(CLUSTER_SECRET, role)}`])),
};
const withToken = (who: string) => {
  const authorization = tokens[who];
  return authorization === undefined ? {} : { authorization };
};

let app: FastifyInstance;
beforeAll(async () => {
  app = await buildApp(appDeps());
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

/** What the rule makes of (route, who): the status, or "in" for whatever the route itself answers. */
function expected(route: string, who: string): 401 | 403 | 404 | "in" {
  const access = ACCESS[route];
  if (access === "open") return "in";
  if (!ROLES.includes(who as Role)) return 401;
  if (access === undefined) return 404;
  return access.includes(who as Role) ? "in" : 403;
}

const urls = [
  ...new Set(Object.keys(ACCESS).map((route) => route.split(" ")[1] ?? "")),
  "/",
  "/v1",
  "/v1/unknown",
];
const cases = urls
  .flatMap((url) => METHODS.map((method) => [method, url] as const))
  .flatMap(([method, url]) => Object.keys(tokens).map((who) => [method, url, who] as const));

test.each(cases)("%s %s by %s", async (method, url, who) => {
  const reply = await app.inject({
    method,
    url: url.replace(":id", "job-1"),
    headers: withToken(who),
  } as never);
  const status = expected(`${method} ${url}`, who);
  if (status === "in") expect([401, 403]).not.toContain(reply.statusCode);
  else expect(reply.statusCode).toBe(status);
});

test.each(Object.keys(ACCESS))("%s of the table is a route of the app", (route) => {
  const [method, url] = route.split(" ") as [HTTPMethods, string];
  expect(app.hasRoute({ method, url })).toBe(true);
});

test.each([
  ["GET", "/forgotten"],
  ["DELETE", "/known"],
  ["HEAD", "/known"],
] as const)("a route without an entry (%s %s) refuses to start", async (method, url) => {
  const start = async () => {
    const bare = fastify({ exposeHeadRoutes: false });
    enforceAccess(bare, {
      table: { "GET /known": "open" },
      upgrades: [],
      secrets: testKeys(),
      onProven: () => {},
    });
    bare.get("/known", async () => "");
    bare.route({ method, url, handler: async () => "" });
    await bare.ready();
  };
  await expect(start()).rejects.toThrow(`${method} ${url} has no entry`);
});

describe("WebSocket upgrades", () => {
  const connect = (path: string, who: string) => {
    const { port } = app.server.address() as AddressInfo;
    const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, {
      headers: withToken(who),
      ca: testAuthority(),
    });
    return new Promise<number | "open">((resolve) => {
      socket.on("open", () => resolve("open"));
      socket.on("unexpected-response", (_request, reply) => {
        resolve(reply.statusCode ?? 0);
        socket.terminate();
      });
      socket.on("error", () => {});
    });
  };

  const upgrades: [path: string, who: string, outcome: number | string][] = [
    ["/v1/unknown", "nobody", 401],
    ["/v1/unknown", "peer", 404],
    ["/v1/status", "nobody", 401],
    ["/v1/status", "peer", 403],
  ];
  for (const who of Object.keys(tokens))
    upgrades.push([PEER_PATH, who, who === "peer" ? "open" : expected(`GET ${PEER_PATH}`, who)]);

  test.each(upgrades)("to %s by %s: %s", async (path, who, outcome) => {
    expect(await connect(path, who)).toBe(outcome);
  });
});

test("errors have a code and a hint, and never a token", async () => {
  const reply = await app.inject({ url: "/v1/status", headers: { authorization: "Bearer tell-no-one" } });
  expect(reply.headers["www-authenticate"]).toBe("Bearer");
  expect(reply.json()).toEqual({
    error: {
      code: "unauthenticated",
      message: expect.any(String),
      hint: expect.stringContaining("authorization"),
    },
  });
  expect(reply.body).not.toContain("tell-no-one");
});
