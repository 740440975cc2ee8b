import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { WebSocket } from "ws";
import { type EventItem, eventItem } from "../../../../agent/contract/event.js";
import { type EventPlace, placeAfter } from "../../../../agent/contract/events-query.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_SECRET, testAuthority } from "../../../support/agent/tls.js";

const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
const events = [1, 2, 3].map((n) =>
  eventItem({ code: "node-unready", text: `${n}` }, `e${n}`, new Date(`2026-01-01T00:0${n}:00Z`)),
);

let app: FastifyInstance | null = null;
afterEach(async () => {
  await app?.close();
  app = null;
});

async function open(): Promise<FastifyInstance> {
  app = await buildApp(
    appDeps({
      events: {
        history: {
          after: async (place: EventPlace, limit: number) =>
            events.filter((event) => placeAfter(event) > place).slice(0, limit),
        },
        feed: {
          async follow(start, each) {
            for (const event of events) if (placeAfter(event) > start) await each(event);
          },
        },
        now: () => new Date("2026-01-01T00:02:30Z"),
      },
    }),
  );
  return app;
}

describe("GET /v1/events", () => {
  test.each([
    ["all", "", ["1", "2", "3"], true],
    ["from a time on", "?since=2026-01-01T00:02:00Z", ["2", "3"], true],
    ["a part", "?limit=2", ["1", "2"], false],
  ])("answers %s of the history, the first event first", async (_name, query, texts, isWhole) => {
    const reply = await (await open()).inject({ url: `/v1/events${query}`, headers });
    expect(reply.statusCode).toBe(200);
    const body = reply.json<{ events: EventItem[]; isWhole: boolean }>();
    expect(body.events.map(({ text }) => text)).toEqual(texts);
    expect(body.isWhole).toBe(isWhole);
  });

  test.each(["?since=now", "?since=2026-13-01T00:00:00Z", "?limit=0", "?limit=1000", "?sicne=x"])(
    "refuses %s",
    async (query) => {
      const reply = await (await open()).inject({ url: `/v1/events${query}`, headers });
      expect(reply.statusCode).toBe(400);
    },
  );
});

test.each([
  ["what happens from then on", "", ["3"]],
  ["what was before, from a time on", "?since=2026-01-01T00:02:00Z", ["2", "3"]],
])("a follower gets %s, an event a message", async (_name, query, texts) => {
  const opened = await open();
  await opened.listen({ host: "127.0.0.1", port: 0 });
  const { port } = opened.server.address() as AddressInfo;
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/events/follow${query}`, {
    headers,
    ca: testAuthority(),
  });
  const heard: string[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      heard.push((JSON.parse(String(data)) as EventItem).text);
      if (heard.length === texts.length) resolve();
    });
  });
  expect(heard).toEqual(texts);
  socket.terminate();
});

test("a follower without a token is refused before the upgrade", async () => {
  const opened = await open();
  await opened.listen({ host: "127.0.0.1", port: 0 });
  const { port } = opened.server.address() as AddressInfo;
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/events/follow`, { ca: testAuthority() });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    socket.on("open", () => reject(new Error("it was let in")));
    socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode));
    socket.on("error", () => undefined);
  });
  expect(status).toBe(401);
  socket.terminate();
});

test("64 follow and no more, though 72 ask at once", async () => {
  const silent = {
    history: { after: async () => [] },
    feed: { follow: (_start: EventPlace, _each: unknown, gone: AbortSignal) => aborted(gone) },
    now: () => new Date("2026-01-01T00:02:30Z"),
  };
  app = await buildApp(appDeps({ events: silent }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const sockets = Array.from(
    { length: 72 },
    () => new WebSocket(`wss://127.0.0.1:${port}/v1/events/follow`, { headers, ca: testAuthority() }),
  );
  const answers = sockets.map(
    (socket) =>
      new Promise<number>((resolve) => {
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_request, { statusCode = 0 }) => resolve(statusCode));
        socket.on("error", () => undefined);
      }),
  );
  const seen = (await Promise.all(answers)).sort();
  expect(seen).toEqual([...Array<number>(64).fill(101), ...Array<number>(8).fill(503)]);
  for (const socket of sockets) socket.terminate();
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
