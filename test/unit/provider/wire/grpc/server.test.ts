import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectSocket, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { GrpcError, messageHead, STATUS } from "../../../../../provider/wire/grpc/message.js";
import { type Answer, createGrpcServer, type GrpcServer } from "../../../../../provider/wire/grpc/server.js";

let folder: string;
let listener: Server;
let server: GrpcServer;
let answer: Answer;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-grpc-"));
  answer = async (_path, request) => request;
  server = createGrpcServer(null, (path, request) => answer(path, request));
  listener = createServer(server.accept).listen(join(folder, "socket"));
  await once(listener, "listening");
});
afterEach(async () => {
  server.close();
  listener.close();
  rmSync(folder, { recursive: true });
});

/** Without limits of its own: the library's client, which is another implementation of the protocol than ours. */
const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A client of @grpc/grpc-js, whose calls fail as `<status> <name>: <text>`. */
function client(): { call(path: string, bytes: Buffer): Promise<Buffer>; close(): void } {
  const asIs = (bytes: Buffer): Buffer => bytes;
  const peer = new grpc.Client(`unix:${folder}/socket`, grpc.credentials.createInsecure(), UNLIMITED);
  return {
    call: (path, bytes) =>
      new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + 20_000 };
        peer.makeUnaryRequest(path, asIs, asIs, bytes, options, (error, reply = Buffer.alloc(0)) =>
          error === null ? resolve(reply) : reject(error),
        );
      }),
    close: () => peer.close(),
  };
}

describe("a client of the library", () => {
  let peer: ReturnType<typeof client>;
  beforeEach(() => {
    peer = client();
  });
  afterEach(() => peer.close());

  test.each([0, 1, 16_384, 8_000_000])("gets what it sent (%d bytes)", async (length) => {
    const bytes = Buffer.alloc(length, 5);
    expect((await peer.call("/a.B/C", bytes)).equals(bytes)).toBe(true);
  });

  test("gets the answers to a thousand calls at once, each its own, in any order", async () => {
    answer = async (path, request) => {
      if (path.endsWith("0")) await new Promise((resolve) => setTimeout(resolve, 20));
      return Buffer.concat([Buffer.from(path), request]);
    };
    const calls = Array.from({ length: 1000 }, (_, index) => peer.call(`/a.B/${index}`, Buffer.alloc(2000)));
    const paths = (await Promise.all(calls)).map((reply) => reply.toString("utf8", 0, reply.indexOf(0)));
    expect(paths).toEqual(calls.map((_, index) => `/a.B/${index}`));
  });

  test("hears why there is no answer, and the next call is answered", async () => {
    answer = async (path) => {
      if (path === "/a.B/None") throw new GrpcError(STATUS.unimplemented, "There is none.");
      throw new Error("größe: 100 %\nof 🦉");
    };
    await expect(peer.call("/a.B/None", Buffer.alloc(0))).rejects.toThrow("12 UNIMPLEMENTED: There is none.");
    await expect(peer.call("/a.B/C", Buffer.alloc(0))).rejects.toThrow(
      "13 INTERNAL: Error: größe: 100 %\nof 🦉",
    );
    answer = async () => Buffer.from("fine");
    expect(String(await peer.call("/a.B/C", Buffer.alloc(0)))).toBe("fine");
  });

  test("a text of an error is bounded", async () => {
    answer = async () => {
      throw new Error("x".repeat(1_000_000));
    };
    await expect(peer.call("/a.B/C", Buffer.alloc(0))).rejects.toThrow(
      /^13 INTERNAL: Error: x{490,500}\.\.\. /,
    );
  });

  test("gets the answer that was in progress when the server closed; then its connection closes", async () => {
    let finish = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      answer = async (_path, request) => {
        resolve();
        await new Promise<void>((done) => {
          finish = done;
        });
        return request;
      };
    });
    const closed = once(listener, "connection").then(([socket]) => once(socket, "close"));
    const reply = peer.call("/a.B/C", Buffer.from("late"));
    await begun;
    server.close();
    finish();
    expect(String(await reply)).toBe("late");
    await closed;
  });
});

describe("a client that keeps to nothing", () => {
  let session: ClientHttp2Session;
  beforeEach(() => {
    session = connect("http://localhost", { createConnection: () => connectSocket(join(folder, "socket")) });
  });
  afterEach(() => session.destroy());

  const request = () => session.request({ ":method": "POST", ":path": "/a.B/C" });

  test.each([
    ["nothing", Buffer.alloc(0), "13"],
    ["a message that is cut off", Buffer.concat([messageHead(10), Buffer.alloc(3)]), "13"],
    ["two messages", Buffer.concat([messageHead(0), messageHead(0)]), "13"],
    ["a compressed message", Buffer.from([1, 0, 0, 0, 0]), "12"],
  ])("gets a status for %s", async (_what, body, status) => {
    const stream = request();
    const answered = once(stream, "response");
    stream.end(body);
    const [headers] = (await answered) as [Record<string, string>];
    expect(headers).toMatchObject({ ":status": 200, "grpc-status": status });
  });

  test("gives up its call, or its connection, and others are answered", async () => {
    let open = 0;
    answer = async (_path, bytes) => {
      open += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
      open -= 1;
      return bytes;
    };
    const streams = [request(), request()];
    for (const stream of streams) stream.on("error", () => undefined).end(messageHead(0));
    while (open < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    streams[0]?.close();
    session.destroy();
    const other = client();
    expect(String(await other.call("/a.B/C", Buffer.from("fine")))).toBe("fine");
    while (open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    other.close();
  });
});

test("a connection that speaks something else is closed, and the next one served", async () => {
  const stranger = connectSocket(join(folder, "socket")).on("error", () => undefined);
  stranger.write("GET / HTTP/1.1\r\n\r\n");
  stranger.resume();
  await once(stranger, "close");
  const peer = client();
  expect(String(await peer.call("/a.B/C", Buffer.from("fine")))).toBe("fine");
  peer.close();
});
