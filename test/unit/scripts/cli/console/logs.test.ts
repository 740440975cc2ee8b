import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, test } from "@jest/globals";
import type { LogMatches } from "../../../../../scripts/cli/console/api.js";
import { searchLog } from "../../../../../scripts/cli/console/logs/search.js";
import { readWindow } from "../../../../../scripts/cli/console/logs/window.js";
import type { Logs } from "../../../../../scripts/cli/core/ports.js";
import { FakeWorld, LOG_PREFIX } from "../../../../support/cli/fake-world.js";
import { memoryLogs } from "../../../../support/cli/memory-logs.js";
import { session } from "../../../../support/console/ask.js";
import { accessOf, startConsole } from "../../../../support/console/console.js";
import { someClusters, someJobs, uuidOf } from "../../../../support/console/seeds.js";

const PREFIX = "s3://logs/logs/c/job-1/1/";
const WINDOW_BYTES = 262_144;
const whole = { prefix: PREFIX, isWhole: true };
const growing = { prefix: PREFIX, isWhole: false };

function stored(...parts: (string | Buffer)[]) {
  const memory = memoryLogs();
  for (const part of parts) memory.store(PREFIX, part);
  return memory;
}
const lines = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => `line ${from + index}\n`).join("");

describe("a window of a log", () => {
  test("the end, from a line's begin on", async () => {
    const text = lines(40_000);
    const { logs } = stored(text.slice(0, 200_000), text.slice(200_000));
    const window = await readWindow(logs, whole, { before: null });
    expect(window).toMatchObject({ to: text.length, size: text.length, isWhole: true });
    expect(window.text).toBe(text.slice(window.from));
    expect(window.text.startsWith("line ")).toBe(true);
    expect(window.to - window.from).toBeLessThanOrEqual(WINDOW_BYTES);
  });

  test("window after window, back and forth, gives every byte once", async () => {
    const text = lines(120_000);
    const { logs } = stored(text.slice(0, 700_001), text.slice(700_001));
    let back = "";
    for (let before = text.length; before > 0; ) {
      const window = await readWindow(logs, whole, { before });
      back = window.text + back;
      before = window.from;
    }
    let forth = "";
    for (let from = 0; from < text.length; ) {
      const window = await readWindow(logs, whole, { from });
      forth += window.text;
      from = window.to;
    }
    expect([back === text, forth === text]).toEqual([true, true]);
  });

  test("a character that is cut comes with the next window", async () => {
    const text = "é".repeat(WINDOW_BYTES);
    const { logs } = stored(`x${text}`);
    const first = await readWindow(logs, whole, { from: 0 });
    expect(first.to).toBe(WINDOW_BYTES - 1);
    const second = await readWindow(logs, whole, { from: first.to });
    expect(`${first.text}${second.text}`).not.toContain("\ufffd");
  });

  test("of a log that grows, half a character waits; at the end of a whole one it is shown as it is", async () => {
    const { logs } = stored(Buffer.from([0x61, 0xc3]));
    expect(await readWindow(logs, growing, { from: 0 })).toMatchObject({ text: "a", to: 1, size: 2 });
    expect(await readWindow(logs, whole, { from: 0 })).toMatchObject({ text: "a\ufffd", to: 2 });
  });

  test("an empty log, and a place behind the end", async () => {
    const empty = { text: "", from: 0, to: 0, size: 0 };
    expect(await readWindow(stored().logs, growing, { before: null })).toMatchObject(empty);
    expect(await readWindow(stored("abc").logs, growing, { from: 99 })).toMatchObject({
      text: "",
      from: 3,
      to: 3,
    });
  });

  test("what is behind a gap is not there yet", async () => {
    const { logs } = stored("abc");
    const gapped = {
      ...logs,
      parts: async () => [
        { offset: 0, bytes: 3 },
        { offset: 9, bytes: 5 },
      ],
    };
    expect(await readWindow(gapped, growing, { before: null })).toMatchObject({ text: "abc", size: 3 });
  });
});

/** All matches, as the page asks for them. */
async function findAll(logs: Pick<Logs, "part" | "parts">, text: string) {
  const found: LogMatches["matches"][number][] = [];
  for (let next: number | null = 0; next !== null; ) {
    const seen: LogMatches = await searchLog(logs, PREFIX, text, next);
    found.push(...seen.matches);
    next = seen.next;
  }
  return found;
}

describe("a search", () => {
  test("finds a text that two parts share, and lines wherever they are", async () => {
    const { logs } = stored("first\nsecond nee", "dle here\nthird\nneedle needle\n");
    expect(await findAll(logs, "needle")).toEqual([
      { at: 6, line: "second needle here" },
      { at: 31, line: "needle needle" },
    ]);
  });

  test("finds each of many, over answers of 50", async () => {
    const { logs } = stored(lines(3_000), lines(3_000, 3_000));
    expect(await findAll(logs, "line 4")).toHaveLength(1 + 10 + 100 + 1_000);
  });

  test("of a long line it shows what is near", async () => {
    const { logs } = stored(`${"x".repeat(5_000)}needle${"y".repeat(5_000)}`);
    const [match] = await findAll(logs, "needle");
    expect(match?.line).toContain("xneedley");
    expect(match?.line.length).toBeLessThan(400);
  });

  test("nothing is found, and the end is said", async () => {
    expect(await searchLog(stored("abc\n").logs, PREFIX, "zzz", 0)).toEqual({
      matches: [],
      next: null,
      size: 4,
    });
  });

  test("1 GB is looked through in pieces, and little of it is in memory", async () => {
    const log = longLog();
    const found = await findAll(log.logs, "needle");
    expect(found).toHaveLength(1);
    expect(log.most()).toBe(1);
  });
});

test("1 GB is downloaded, and no more of it is made than the browser has read, but for some pieces", async () => {
  const world = new FakeWorld();
  world.clusters.push(...someClusters());
  const [job] = someJobs(uuidOf(1), 1);
  if (job === undefined) throw new Error("no job");
  world.jobs.set(job.id, { ...job, logPrefix: LOG_PREFIX });
  const log = longLog();
  const access = await accessOf(world);
  const served = await startConsole(
    world,
    { script: "", style: "" },
    { access: { ...access, logs: { ...access.logs, ...log.logs } } },
  );
  try {
    const { headers } = await session(served);
    const path = `/api/jobs/${uuidOf(1)}/${job.id}/log/download`;
    const [reply] = (await once(
      request({
        host: "127.0.0.1",
        port: served.port,
        path,
        headers: { ...headers, host: `127.0.0.1:${served.port}` },
      }).end(),
      "response",
    )) as [IncomingMessage];
    let [read, ahead] = [0, 0];
    for await (const chunk of reply as AsyncIterable<Buffer>) {
      read += chunk.length;
      ahead = Math.max(ahead, log.made() - read);
    }
    expect([reply.statusCode, read]).toEqual([200, PARTS * PART_BYTES]);
    expect(ahead).toBeLessThan(16 * 1_048_576);
  } finally {
    await served.close();
  }
});

const PARTS = 128;
const PART_BYTES = 8_388_608;

/** A log of 1 GiB with a needle at its end, which is made as it is read: how much of it was, and how many pieces of it were held at most. */
function longLog() {
  const PIECE = Buffer.alloc(65_536, "abcdefgh\n");
  let [live, most, made] = [0, 0, 0];
  const logs: Pick<Logs, "part" | "parts"> = {
    parts: async () =>
      Array.from({ length: PARTS }, (_, index) => ({ offset: index * PART_BYTES, bytes: PART_BYTES })),
    async part(_prefix, offset, skip) {
      if (offset >= PARTS * PART_BYTES) return null;
      async function* pieces() {
        for (let at = skip; at < PART_BYTES; at += PIECE.length) {
          live += 1;
          most = Math.max(most, live);
          const isLast = offset === (PARTS - 1) * PART_BYTES && at + PIECE.length >= PART_BYTES;
          const piece = PIECE.subarray(0, Math.min(PIECE.length, PART_BYTES - at));
          made += piece.length;
          yield isLast
            ? Buffer.concat([piece.subarray(0, piece.length - 7), Buffer.from("needle\n")])
            : piece;
          live -= 1;
        }
      }
      return Readable.from(pieces(), { highWaterMark: 1 });
    },
  };
  return { logs, most: () => most, made: () => made };
}
