import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { ACCESS } from "../../../../agent/http/app.js";
import { connectionLimits } from "../../../../agent/http/connections.js";
import { buildProbesApp } from "../../../../agent/http/probes-app.js";

let failing: string[];
let app: FastifyInstance;
beforeEach(() => {
  failing = [];
  app = buildProbesApp({
    failingProbes: () => failing,
    connections: connectionLimits(128),
    log: pino({ level: "silent" }),
  });
});
afterEach(() => app.close());

test("says whether the node is up and ready, as the probes over TLS do", async () => {
  expect((await app.inject("/healthz")).json()).toEqual({ up: true });
  expect((await app.inject("/readyz")).statusCode).toBe(200);
  failing = ["shared"];
  const reply = await app.inject("/readyz");
  expect([reply.statusCode, reply.json()]).toEqual([503, { ready: false, failing: ["shared"] }]);
});

test.each(Object.keys(ACCESS).filter((route) => ACCESS[route] !== "open"))("has no %s", async (route) => {
  const [method, url = ""] = route.split(" ");
  expect((await app.inject({ method, url } as never)).statusCode).toBe(404);
});

describe("on a real port", () => {
  let port: number;
  beforeEach(async () => {
    await app.listen({ host: "127.0.0.1", port: 0 });
    ({ port } = app.server.address() as { port: number });
  });
  const say = (text: string) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      let heard = "";
      socket.on("data", (bytes) => {
        heard += String(bytes);
        if (heard.includes("\r\n\r\n")) socket.destroy();
      });
      socket.on("error", () => undefined).on("close", () => resolve(heard));
      socket.write(text);
    });
  const READY = "GET /readyz HTTP/1.1\r\nhost: n\r\n\r\n";

  test("answers while strangers hold more connections than there may be", async () => {
    const idle = Array.from({ length: 200 }, () =>
      connect({ host: "127.0.0.1", port }).on("error", () => undefined),
    );
    await Promise.all(
      idle.map((socket) => new Promise((resolve) => socket.once("connect", resolve).once("close", resolve))),
    );
    expect(await say(READY)).toContain("HTTP/1.1 200");
    for (const socket of idle) socket.destroy();
  });

  test("takes no upgrade and no large headers", async () => {
    const upgrade = "GET /readyz HTTP/1.1\r\nhost: n\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    expect(await say(upgrade)).not.toContain("HTTP/1.1 101");
    expect(await say(READY.replace("host: n", `host: n\r\nx: ${"x".repeat(9_000)}`))).toContain("431");
  });
});
