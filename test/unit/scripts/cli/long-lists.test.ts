import { Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "@jest/globals";
import { createFirst } from "../../../../scripts/cli/access/first.js";
import { registryJobs } from "../../../../scripts/cli/access/jobs.js";
import { createNotes } from "../../../../scripts/cli/commands/show-list.js";
import { jsonPieces } from "../../../../scripts/cli/core/json-pieces.js";
import { createOutput } from "../../../../scripts/cli/core/output.js";
import { renderTable, renderTableAhead } from "../../../../scripts/cli/render/table.js";
import { heldBytes } from "../../../support/cli/held-bytes.js";

const ITEMS = 10_000;
const MIB = 1_048_576;

const itemOf = (index: number) => ({
  id: `job-${index}`,
  status: index % 2 === 0 ? "FAILED" : "FINISHED",
  submittedAt: new Date(Date.UTC(2026, 0, 1) + ((index * 7_919) % ITEMS) * 1_000).toISOString(),
  request: { command: [`train-${index}.py`, "x".repeat(2_000)] },
});

describe("a document with a long list", () => {
  test.each([
    ["a list", { jobs: [1, "a", null, undefined, { b: [1] }] }],
    ["an empty list", { jobs: [] }],
    ["no list", { a: 1, b: null, c: undefined, d: "x" }],
    ["nothing", {}],
    ["lists and more", { org: "demo", rows: [{ key: "a" }, { key: "b" }], minutes: 3, more: { rows: [1] } }],
    ["a list alone", [1, 2]],
    ["a text", "a"],
    ["a time", new Date(0)],
    ["null", null],
    ["an undefined value first", { a: undefined, b: [], c: 1 }],
  ])("has the text of JSON.stringify: %s", async (_what, value) => {
    expect((await Array.fromAsync(jsonPieces(value))).join("")).toBe(JSON.stringify(value));
  });

  test("has no character that controls a terminal", async () => {
    const value = { jobs: ["a\u009bb\u2028"] };
    const text = (await Array.fromAsync(jsonPieces(value))).join("");
    expect(text).toBe('{"jobs":["a\\u009bb\\u2028"]}');
    expect(JSON.parse(text)).toEqual(value);
  });

  test(`of ${ITEMS} items is whole, and never in memory as a whole, however slow its reader`, async () => {
    // GIVEN items that are made when they are asked for, 20 MB of text in all, and a reader that takes its time
    const jobs = Array.from({ length: ITEMS }, (_, index) => ({ toJSON: () => itemOf(index) }));
    let [writes, bytes, ids, mostAtOnce] = [0, 0, 0, 0];
    const held: number[] = [];
    const before = heldBytes();
    const stdout = new Writable({
      async write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        ids += chunk.toString().match(/"id":"job-\d+"/g)?.length ?? 0;
        mostAtOnce = Math.max(mostAtOnce, stdout.writableLength);
        writes += 1;
        if (writes % 40 === 0) held.push(heldBytes() - before);
        await wait(0);
        done();
      },
    });
    // WHEN
    await createOutput({ stdout, say: () => undefined }, true).document({ jobs });
    // THEN
    expect([ids, bytes > 20 * MIB]).toEqual([ITEMS, true]);
    expect(mostAtOnce).toBeLessThan(MIB / 8);
    expect(held.length).toBeGreaterThan(3);
    expect(Math.max(...held)).toBeLessThan(8 * MIB);
  });
});

describe("the first of many", () => {
  test("are the first by the order, and of those that are alike the ones that came first", () => {
    const first = createFirst<readonly [number, string]>(3, ([a], [b]) => a - b);
    first.add([[5, "a"]]);
    first.add([
      [1, "b"],
      [5, "c"],
      [3, "d"],
      [0, "e"],
      [1, "f"],
      [9, "g"],
    ]);
    first.add([[1, "h"]]);
    expect(first.all()).toEqual([
      [0, "e"],
      [1, "b"],
      [1, "f"],
    ]);
  });

  test("without a limit are all, in order", () => {
    const all = createFirst<number>(Number.POSITIVE_INFINITY, (a, b) => a - b);
    all.add([3, 1, 2]);
    expect(all.all()).toEqual([1, 2, 3]);
  });
});

describe(`muster job list, of ${ITEMS} jobs`, () => {
  const PAGE = 250;
  /** A registry whose pages are made when they are asked for, and what was held at each. */
  function registry() {
    const held: number[] = [];
    const client = {
      async send({ input }: { input: { ExclusiveStartKey?: { at: number } } }) {
        const at = input.ExclusiveStartKey?.at ?? 0;
        if (at % (10 * PAGE) === 0) held.push(heldBytes());
        const Items = Array.from({ length: PAGE }, (_, index) => itemOf(at + index));
        const next = at + PAGE;
        return { Items, ...(next < ITEMS ? { LastEvaluatedKey: { at: next } } : {}) };
      },
    } as unknown as DynamoDBDocumentClient;
    Object.setPrototypeOf(client, require("@aws-sdk/lib-dynamodb").DynamoDBDocumentClient.prototype);
    const table = {
      client,
      TableName: "t",
      aborting: {},
      call: <T>(_what: string, run: () => Promise<T>) => run(),
    };
    const none = {} as never;
    return { jobs: registryJobs(table as never, none, none), held };
  }

  test("holds those that are asked for, and a page, however many there are", async () => {
    const { jobs, held } = registry();
    const found = await Array.fromAsync(jobs.list("uuid", { limit: 50 }));
    expect(held.length).toBeGreaterThan(3);
    expect(Math.max(...held.slice(1)) - (held[0] ?? 0)).toBeLessThan(8 * MIB);
    expect(found).toHaveLength(51);
    const times = found.map(({ submittedAt }) => submittedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(times[0]).toBe(new Date(Date.UTC(2026, 0, 1) + (ITEMS - 1) * 1_000).toISOString());
  });

  test("with a status holds those of it", async () => {
    const failed = await Array.fromAsync(registry().jobs.list("uuid", { status: "FAILED", limit: 20 }));
    expect(failed).toHaveLength(21);
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(["FAILED"]));
  });
});

describe("a table of rows that come as they are read", () => {
  const rowsOf = async function* (count: number, wide: number) {
    for (let index = 0; index < count; index++)
      yield [String(index).padStart(4), index === wide ? "w".repeat(40) : "n", "end"];
  };
  const linesOf = async (count: number, wide: number) =>
    (await Array.fromAsync(renderTableAhead(["A", "B", "C"], rowsOf(count, wide)))).flat();

  test("is as a table of rows that are all there, as far as the first thousand say how wide it is", async () => {
    const rows = await Array.fromAsync(rowsOf(2_500, 999));
    expect(await linesOf(2_500, 999)).toEqual(renderTable(["A", "B", "C"], rows));
    const late = await linesOf(2_500, 2_000);
    expect(late).toHaveLength(2_501);
    expect(late[2]).toBe("   1  n  end");
    expect(late[2_001]).toBe(`2000  ${"w".repeat(40)}  end`);
  });

  test("has no headings where there are no rows", async () => {
    expect(await linesOf(0, 0)).toEqual([]);
  });
});

test("what is to be said below a list are the first lines, and how many more there were", () => {
  const notes = createNotes(3);
  expect(notes.all(String)).toEqual([]);
  notes.add(["a", "b"]);
  notes.add([]);
  notes.add(["c"]);
  expect(notes.all(String)).toEqual(["a", "b", "c"]);
  notes.add(["d", "e"]);
  notes.add(["f"]);
  expect(notes.all((more) => `and ${more}`)).toEqual(["a", "b", "c", "and 3"]);
});
