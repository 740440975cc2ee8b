import { once } from "node:events";
import { request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { type RawData, WebSocket } from "ws";
import { LOG_LIMIT_BYTES } from "../../../../agent/contract/http.js";
import { attemptOf } from "../../../../agent/contract/job-attempt.js";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { roleToken } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { createLogDelivery } from "../../../../agent/logs/delivery.js";
import { createLogViews } from "../../../../agent/logs/views.js";
import { systemClock } from "../../../../agent/time/clock.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memoryBucket, memoryOutputs } from "../../../support/agent/memory-logs.js";
import { CLUSTER_SECRET, testAuthority } from "../../../support/agent/tls.js";

const JOB = queuedJob();
const OF = { jobId: JOB.id, attempt: 1 };
const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
const RUNNING = { status: "INPROGRESS", phase: "running", attempt: 1 } as const;
const FAILED = {
  status: "FAILED",
  phase: "ended",
  exitCode: 3,
  ...because("rank-exited", "rank 1"),
  logState: "pending",
} as const;

let kept: ReturnType<typeof memoryOutputs>;
let store: ReturnType<typeof memoryBucket>;
let job: JobItem;
let app: FastifyInstance;
let nowMs = 0;
/** What a read of the job waits for. */
let gate: Promise<void>;
let looks = 0;
beforeEach(async () => {
  kept = memoryOutputs();
  store = memoryBucket();
  job = { ...JOB, ...RUNNING };
  [gate, looks] = [Promise.resolve(), 0];
  const views = createLogViews({
    ...{ outputs: kept.outputs, bucket: store.bucket },
    // Each look is a new one.
    clock: { ...systemClock, monotonicMs: () => (nowMs += 2_000) },
    async readJob(id) {
      looks += 1;
      await gate;
      return id === job.id ? job : null;
    },
    readAttempt: async ({ attempt }) => (attempt === 1 ? attemptOf({ ...job, attempt: 1 }) : null),
  });
  app = await buildApp(appDeps({ logs: { views, clock: systemClock } }));
  await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(() => app.close());

/** The output goes to the bucket, and its local copy goes: as after a job's end. */
async function deliver(): Promise<void> {
  const deps = { outputs: kept.outputs, bucket: store.bucket, clusterUuid: CLUSTER_UUID, clock: systemClock };
  const log = await createLogDelivery(deps).deliver({ ...OF, exitCode: 3 }, new AbortController().signal);
  job = { ...job, ...FAILED, log, logState: "delivered" };
  kept.remove(OF);
}

const get = async (query = "", id = JOB.id) => {
  const reply = await app.inject({ url: `/v1/jobs/${id}/logs${query}`, headers });
  const of = (name: string) => reply.headers[`muster-log-${name}`];
  return {
    status: reply.statusCode,
    bytes: reply.rawPayload,
    from: Number(of("offset")),
    next: Number(of("next-offset")),
    total: Number(of("total-bytes")),
    complete: of("complete"),
    error: reply.statusCode === 200 ? null : reply.json<{ error: { code: string } }>().error.code,
  };
};

describe("a log's bytes", () => {
  const content = Buffer.from([0, 0xff, 0xf0, 0x9f, 0x98, 0x80, 13, 10, 65, 13]);
  beforeEach(() => kept.append(OF, content));

  test.each<[string, number, number]>([
    ["", 0, 10],
    ["?offset=3&limit=4", 3, 7],
    ["?offset=8&limit=100", 8, 10],
    ["?offset=10", 10, 10],
    ["?offset=99", 99, 99],
    ["?tail=3", 7, 10],
    ["?tail=99", 0, 10],
    ["?limit=0", 0, 0],
    ["?attempt=1", 0, 10],
  ])("%s are those from %d to %d, the same from the folder and from the bucket", async (query, from, to) => {
    for (const where of ["folder", "bucket"]) {
      if (where === "bucket") await deliver();
      const isWhole = where === "bucket" && to >= 10;
      expect(await get(query)).toEqual({
        ...{ status: 200, bytes: content.subarray(from, to), from, next: to, total: 10, error: null },
        complete: String(isWhole),
      });
    }
  });

  test("are at most a megabyte in an answer, and complete with the last", async () => {
    kept.append(OF, Buffer.alloc(2 * LOG_LIMIT_BYTES, "x"));
    job = { ...job, ...FAILED };
    const read: Buffer[] = [];
    let offset = 0;
    for (let complete = "false"; complete !== "true"; ) {
      const answer = await get(`?offset=${offset}`);
      expect(answer.bytes.length).toBeLessThanOrEqual(LOG_LIMIT_BYTES);
      read.push(answer.bytes);
      offset = answer.next;
      complete = String(answer.complete);
    }
    expect(Buffer.concat(read).equals(kept.of(OF))).toBe(true);
  });

  test("of an attempt whose log is on its way from the folder to the bucket are not said to be all", async () => {
    job = { ...job, ...FAILED };
    kept.remove(OF);
    expect(await get()).toMatchObject({ status: 200, total: 0, complete: "false" });
  });

  test.each([
    ["?rank=1", JOB.id, 400, "rank-not-recorded"],
    ["?tail=1&offset=1", JOB.id, 400, "request-invalid"],
    ["?offset=-1", JOB.id, 400, "request-invalid"],
    ["?limit=1e3", JOB.id, 400, "request-invalid"],
    ["?attempt=0", JOB.id, 400, "request-invalid"],
    ["?unknown=1", JOB.id, 400, "request-invalid"],
    ["?attempt=2", JOB.id, 404, "attempt-not-found"],
    ["", "job-none", 404, "job-not-found"],
  ])("%s of %s are refused with %d", async (query, id, status, error) => {
    expect(await get(query, id)).toMatchObject({ status, error });
  });

  test("take no place for a client that has left before they are looked for", async () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    const { port } = app.server.address() as AddressInfo;
    let left = 0;
    app.server.on("connection", (socket) => socket.once("close", () => (left += 1)));
    const clients = Array.from({ length: 20 }, () =>
      request({
        ...{ host: "127.0.0.1", port, ca: testAuthority() },
        path: `/v1/jobs/${JOB.id}/logs`,
        headers,
      }).end(),
    );
    for (const client of clients) client.on("error", () => undefined);
    await until(() => looks === clients.length);
    for (const client of clients) client.destroy();
    await until(() => left === clients.length);
    open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await get()).toMatchObject({ status: 200 });
  });

  test("of a job that was not launched are none yet", async () => {
    job = { ...job, attempt: null };
    expect(await get()).toMatchObject({ status: 404, error: "attempt-not-found" });
  });
});

interface Followed {
  readonly socket: WebSocket;
  readonly bytes: () => Buffer;
  readonly texts: string[];
  readonly closed: Promise<number>;
}

function follow(query = ""): Followed {
  const { port } = app.server.address() as AddressInfo;
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/jobs/${JOB.id}/logs/follow${query}`, {
    headers,
    ca: testAuthority(),
  });
  const pieces: Buffer[] = [];
  const texts: string[] = [];
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary) pieces.push(data as Buffer);
    else texts.push(String(data));
  });
  const closed = new Promise<number>((resolve, reject) => {
    socket.on("close", resolve);
    socket.on("error", reject);
  });
  return { socket, bytes: () => Buffer.concat(pieces), texts, closed };
}
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("a follower", () => {
  const END = {
    type: "end",
    job: JOB.id,
    attempt: 1,
    status: "FAILED",
    exitCode: 3,
    reasonCode: "rank-exited",
    reason: "rank 1",
  };

  test("gets the output as it comes, and at the end how the attempt ended", async () => {
    kept.append(OF, "one\n");
    const one = follow();
    await until(() => one.bytes().toString() === "one\n");
    kept.append(OF, "two");
    await until(() => one.bytes().toString() === "one\ntwo");
    job = { ...job, ...FAILED };
    expect(await one.closed).toBe(1000);
    expect(one.texts.map((text) => JSON.parse(text) as unknown)).toEqual([{ ...END, offset: 7 }]);
  });

  test("goes on in the bucket where the folder's copy goes, without gap or repeat", async () => {
    kept.append(OF, "first ");
    const one = follow();
    await until(() => one.bytes().length === 6);
    kept.append(OF, Buffer.from("and 😀 last\r"));
    await deliver();
    expect(await one.closed).toBe(1000);
    expect(one.bytes().toString()).toBe("first and 😀 last\r");
  });

  test("may begin anywhere; several see the same; cut and resumed a hundred times, one misses nothing", async () => {
    const content = Buffer.from("😀".repeat(25));
    kept.append(OF, content);
    const others = [follow("?offset=1"), follow("?offset=50"), follow("?offset=100")];
    const pieces: Buffer[] = [];
    for (let at = 0; at < content.length; at++) {
      const one = follow(`?offset=${at}`);
      await until(() => one.bytes().length === content.length - at);
      pieces.push(one.bytes().subarray(0, 1));
      one.socket.terminate();
    }
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
    job = { ...job, ...FAILED };
    await Promise.all(others.map(({ closed }) => closed));
    expect(others.map(({ bytes }) => bytes().toString("hex"))).toEqual(
      [1, 50, 100].map((from) => content.subarray(from).toString("hex")),
    );
  });

  test("that does not read costs a few pieces, and keeps no other back", async () => {
    const stalled = follow();
    await once(stalled.socket, "open");
    (stalled.socket as unknown as { _socket: Socket })._socket.pause();
    let read = 0;
    const { read: readOutput } = kept.outputs;
    const readers = new Map<number, number>();
    kept.outputs.read = async (of, offset, maxBytes) => {
      const slice = await readOutput(of, offset, maxBytes);
      read += slice?.bytes.length ?? 0;
      readers.set(offset, (readers.get(offset) ?? 0) + 1);
      return slice;
    };
    const size = 32 * 1_048_576;
    kept.append(OF, Buffer.alloc(size, "x"));
    const quick = follow();
    await until(() => quick.bytes().length === size);
    // The quick one has read all; the other no more than what the two sockets hold.
    expect(read).toBeLessThan(size + 16 * 1_048_576);
    (stalled.socket as unknown as { _socket: Socket })._socket.resume();
    job = { ...job, ...FAILED };
    expect(await stalled.closed).toBe(1000);
    expect(stalled.bytes()).toHaveLength(size);
  });

  test("is refused before the upgrade: without a token, for a rank, of no job, one too many", async () => {
    kept.append(OF, "");
    const { port } = app.server.address() as AddressInfo;
    const statusOf = (path: string, sent: object) =>
      new Promise<number | undefined>((resolve, reject) => {
        const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/jobs/${path}`, {
          headers: { ...sent },
          ca: testAuthority(),
        });
        socket.on("unexpected-response", (request, reply) => {
          request.destroy();
          resolve(reply.statusCode);
        });
        socket.on("open", () => reject(new Error("it was let in")));
        socket.on("error", () => undefined);
      });
    expect(await statusOf(`${JOB.id}/logs/follow`, {})).toBe(401);
    expect(await statusOf(`${JOB.id}/logs/follow?rank=0`, headers)).toBe(400);
    expect(await statusOf("job-none/logs/follow", headers)).toBe(404);
    const many = Array.from({ length: 64 }, () => follow());
    await Promise.all(many.map(({ socket }) => once(socket, "open")));
    expect(await statusOf(`${JOB.id}/logs/follow`, headers)).toBe(503);
    many[0]?.socket.close();
    await many[0]?.closed;
    const next = follow();
    await once(next.socket, "open");
    job = { ...job, ...FAILED };
    await Promise.all([...many, next].map(({ closed }) => closed));
  });

  test("is refused to a plain request, which takes no place", async () => {
    kept.append(OF, "");
    const plain = () => app.inject({ url: `/v1/jobs/${JOB.id}/logs/follow`, headers });
    const replies = await Promise.all(Array.from({ length: 65 }, plain));
    for (const reply of replies) {
      expect(reply.statusCode).toBe(400);
      expect(reply.json().error.message).toContain("only a WebSocket can follow");
    }
    await once(follow().socket, "open");
    job = { ...job, ...FAILED };
  });

  test("has no place where 64 have, though 72 ask at once, nor one that has left before its upgrade", async () => {
    kept.append(OF, "");
    const hold = () => {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      looks = 0;
      return open;
    };
    const ask = () => {
      const { port } = app.server.address() as AddressInfo;
      const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/jobs/${JOB.id}/logs/follow`, {
        headers,
        ca: testAuthority(),
      });
      const answer = new Promise<number>((resolve) => {
        socket.on("open", () => resolve(101));
        socket.on("unexpected-response", (_request, { statusCode = 0 }) => resolve(statusCode));
        socket.on("error", () => resolve(0));
      });
      return { socket, answer };
    };
    let left = 0;
    app.server.on("connection", (socket) => socket.once("close", () => (left += 1)));
    const openToNone = hold();
    const gone = Array.from({ length: 72 }, ask);
    await until(() => looks === 72);
    for (const { socket } of gone) socket.terminate();
    openToNone();
    await until(() => left === 72);
    const openToAll = hold();
    const many = Array.from({ length: 72 }, ask);
    await until(() => looks === 72);
    openToAll();
    const answers = await Promise.all(many.map(({ answer }) => answer));
    expect(answers.sort()).toEqual([...Array<number>(64).fill(101), ...Array<number>(8).fill(503)]);
    for (const { socket } of many) socket.terminate();
  });

  test("is let go when the agent ends", async () => {
    kept.append(OF, "one");
    const one = follow();
    await until(() => one.bytes().length === 3);
    await app.close();
    expect(await one.closed).toBe(1005);
  });
});
