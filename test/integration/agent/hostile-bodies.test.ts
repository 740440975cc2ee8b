import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { roleToken } from "../../../agent/contract/tokens.js";
import { type AppProcess, startAppProcess } from "../../support/agent/app-process.js";
import { exchange, open, type RawReply, readReply } from "../../support/agent/raw-http.js";
import { CLUSTER_SECRET } from "../../support/agent/tls.js";

// What somebody with an operator's token can send. The process has the heap of a node's agent.

const MAX_REPLY_BYTES = 64_000;
/** Heap 96 MB, node itself, and the buffers of bodies that are being received. */
const MAX_RSS_BYTES = 260_000_000;
const AT_ONCE = 6;

let app: AppProcess;
beforeAll(async () => {
  app = await startAppProcess();
});
afterAll(() => app.stop());

const head = (length: number | string, more = "") =>
  [
    "POST /v1/jobs HTTP/1.1",
    "host: node",
    `authorization: Bearer ${roleToken(CLUSTER_SECRET, "operator")}`,
    "idempotency-key: k",
    "content-type: application/json",
    `content-length: ${length}${more}`,
  ].join("\r\n");
const post = (body: string | Uint8Array): Promise<RawReply> => {
  const bytes = Buffer.from(body);
  return exchange(app.port, head(bytes.length), bytes);
};

function expectRefused({ status, bytes, text }: RawReply): void {
  if (status < 400 || status > 499) throw new Error(`answered ${status}: ${text.slice(0, 2_000)}`);
  expect(bytes).toBeLessThan(MAX_REPLY_BYTES);
}

const MB = 990_000;
const fill = (item: string, before = "", after = "") =>
  before + item.repeat(Math.floor((MB - before.length - after.length) / item.length)) + after;
const numbered = (count: number, item: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => item(n)).join(",");

const LARGE: [string, () => string][] = [
  ["words of a command that is a text", () => JSON.stringify({ command: "a ".repeat(490_000) })],
  ["backslashes of such a command", () => `{"command":"${"\\\\".repeat(490_000)}"}`],
  ["wrong words", () => fill("1,", '{"command":[', "1]}")],
  ["empty words", () => fill('"",', '{"command":[', '""]}')],
  ["objects", () => fill("{},", '{"command":[', "{}]}")],
  ["lists in lists", () => fill("[") + "]".repeat(1_000)],
  ["objects in objects", () => fill('{"a":')],
  ["a deep whole", () => "[".repeat(490_000) + "]".repeat(490_000)],
  ["keys", () => `{${numbered(60_000, (n) => `"k${n}":1`)}}`],
  ["variables", () => `{"command":["x"],"environment":{${numbered(60_000, (n) => `"V${n}":""`)}}}`],
  ["shapes", () => `{"command":[${numbered(60_000, (n) => `{"k${n}":1}`)}]}`],
  ["one key", () => `{"${"k".repeat(MB)}":1}`],
  ["one variable's name", () => `{"command":["x"],"environment":{"${"V".repeat(MB)}":""}}`],
  ["one word", () => `{"command":["${"x".repeat(MB)}"]}`],
  ["escapes", () => `{"command":["${fill("\\u0000", "", "").slice(0, 900_000)}"]}`],
  ["quotes that don't end", () => fill('\\"', '{"command":["')],
  [
    "a script of half characters",
    () => `{"command":["x"],"script":{"name":"x","content":"${"\\ud800".repeat(160_000)}"}}`,
  ],
  ["spaces", () => fill(" ")],
  ["commas", () => fill(",")],
  ["digits", () => `{"command":["x"],"processes":${"9".repeat(MB)}}`],
];

const environment = (json: string) => `{"command":["x"],"environment":${json}}`;
const SMALL: (string | Uint8Array)[] = [
  ...[
    "",
    " ",
    "null",
    "1",
    '"x"',
    "[]",
    "{}",
    "true",
    "{",
    "[",
    '{"command"',
    '{"command":["x"',
    "\ufeff{}",
    "NaN",
  ],
  ...[
    '{"command":["x"]}}',
    "{'command':['x']}",
    '{"command":["x"],}',
    `{"command":"x '"}`,
    '{"command":{"0":"x"}}',
  ],
  ...['{"command":["x"],"command":[]}', '{"command":["x"],"processes":1,"processes":"1"}'],
  ...["1e400", "-1e400", "0", "-0", "1.5", "1e-400", "true", '"1"', "[1]", "null", "{}"].map(
    (value) => `{"command":["x"],"processes":${value}}`,
  ),
  ...["1e400", "0.5", "-1", "null", '"60"', "9007199254740993"].map(
    (value) => `{"command":["x"],"timeoutSeconds":${value}}`,
  ),
  ...[
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "",
    "A=B",
    "A\\n",
    "A\\u0000",
    "1A",
    "ä",
  ].flatMap((name) => [
    environment(`{"${name}":{"x":1}}`),
    `{"command":["x"],"${name}":{"processes":4}}`,
    `{"command":["x"],"script":{"name":"x","content":"","${name}":{"toString":1}}}`,
  ]),
  ...["", "A=B", "A\\n", "A\\u0000", "__proto__", "constructor", "valueOf", "MUSTER_JOB_ID", "PMI_RANK"].map(
    (name) => environment(`{"${name}":"x"}`),
  ),
  ...["null", "[]", '"A=B"', '{"A":1}', '{"A":null}', '{"A":"\\u0000"}', '{"A":"\\udfff"}'].map(environment),
  ...['""', '":"', '"\\u0000"', '"\\ud800"', "null", "1", "[]"].map((word) => `{"command":["x",${word}]}`),
  ...["../x", "output.log", "", ".", "a/b", "x\\u0000"].map(
    (name) => `{"command":["x"],"script":{"name":"${name}","content":""}}`,
  ),
  Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from('{"command":["\xe9"]}', "latin1"),
  Buffer.from('{"command":["x"]}', "utf16le"),
  Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]),
];

async function postAll(bodies: readonly (() => string | Uint8Array)[]): Promise<void> {
  const left = [...bodies];
  const worker = async () => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) expectRefused(await post(body()));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** A valid request, cut, spoilt and turned about; the same ones each time. */
function mutations(count: number): (() => Buffer)[] {
  let state = 42;
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state % below;
  };
  return Array.from({ length: count }, () => () => {
    const text =
      '{"command":["x",7],"environment":{"A":"1"},"script":{"name":"x","content":"print()"},"processes":2}';
    const bytes = Buffer.from(text);
    for (let n = random(4); n >= 0; n -= 1) bytes[random(bytes.length)] = random(256);
    return random(3) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
  });
}

describe("hostile bodies", () => {
  test.each(LARGE)("1 MB of %s, six at once and again and again: 4xx", async (_name, make) => {
    const body = Buffer.from(make());
    await postAll(Array.from({ length: 12 }, () => () => body));
  });

  test("two thousand small ones: 4xx", async () => {
    const known = Array.from({ length: 6 }, () => SMALL.map((body) => () => body)).flat();
    await postAll([...known, ...mutations(1_200)]);
  });

  test.each<[string, number | string, string, number[]]>([
    ["longer than any may be", 2_000_000_000, "", [413]],
    ["no number", "x", "", [400]],
    ["negative", -1, "", [400]],
    ["two of them", "5\r\ncontent-length: 7", "", [400]],
    ["beside chunks", "5\r\ntransfer-encoding: chunked", "", [400]],
    ["less than what is sent", 2, '{"command":["x"]}', [400]],
  ])("a length that lies: %s", async (_name, length, body, statuses) => {
    const reply = await exchange(app.port, head(length), Buffer.from(body));
    expectRefused(reply);
    expect(statuses).toContain(reply.status);
  });

  test("chunks without an end are cut at the limit", async () => {
    const chunked = head(0).replace("content-length: 0", "transfer-encoding: chunked");
    const chunk = `${(65_536).toString(16)}\r\n${"1,".repeat(32_768)}\r\n`;
    const reply = await exchange(app.port, chunked, Buffer.from(chunk.repeat(20)));
    expectRefused(reply);
    expect(reply.status).toBe(413);
  });

  test("bodies that come slowly, or never, keep no others from being answered", async () => {
    const slow = Array.from({ length: 60 }, () => {
      const socket = open(app.port);
      socket.write(`${head(100_000)}\r\n\r\n{`);
      return socket;
    });
    await postAll(SMALL.map((body) => () => body));
    for (const socket of slow) socket.destroy();
  });

  test("more bodies at once than there is memory for are refused unread, and others are taken again after", async () => {
    const body = Buffer.from('{"command":[7]}');
    const slow = Array.from({ length: 12 }, () => {
      const socket = open(app.port);
      socket.write(`${head(990_000)}\r\n\r\n{`);
      return socket;
    });
    const refused = await Promise.race(slow.map(readReply));
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('"overloaded"')]);
    for (const socket of slow) socket.destroy();
    let last = await post(body);
    while (last.status === 503) last = await post(body);
    expect(last.status).toBe(400);
  });

  test("after all of them it lives, within its memory, and was never away for long", async () => {
    const { rssBytes, p99TurnMs, maxTurnMs, jobs } = await app.health();
    expect(jobs).toBe(0);
    expect(rssBytes).toBeLessThan(MAX_RSS_BYTES);
    expect(p99TurnMs).toBeLessThan(1_000);
    expect(maxTurnMs).toBeLessThan(5_000);
    const valid = await post('{"command":["x"]}');
    expect(valid.status).toBe(201);
  });
});
