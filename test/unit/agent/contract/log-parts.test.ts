import { describe, expect, test } from "@jest/globals";
import {
  chainOf,
  manifestKey,
  offsetOfPart,
  parseManifest,
  partKey,
  prefixOfManifest,
} from "../../../../agent/contract/log-parts.js";

const PREFIX = "clusters/u/jobs/job-1/attempts/2/";

test.each([0, 6, 9_999_999_999_999])("the part at %d has its offset in its key", (offset) => {
  const key = partKey(PREFIX, offset);
  expect(offsetOfPart(PREFIX, key)).toBe(offset);
  expect(offsetOfPart("elsewhere/", key)).toBeNull();
});

test.each(["manifest.json", "part-7", "part-0000000000007.tmp", "x/part-0000000000007"])(
  "%s is no part",
  (name) => {
    expect(offsetOfPart(PREFIX, `${PREFIX}${name}`)).toBeNull();
  },
);

test("a manifest is about the parts beside it, and no other key is a manifest's", () => {
  expect(prefixOfManifest(manifestKey(PREFIX))).toBe(PREFIX);
  expect(prefixOfManifest(partKey(PREFIX, 0))).toBeNull();
});

const part = (offset: number, bytes: number) => ({ offset, bytes });
test.each<[string, ReturnType<typeof part>[], number, number[]]>([
  ["no part", [], 0, []],
  ["parts in any order", [part(6, 2), part(0, 6), part(8, 1)], 0, [0, 6, 8]],
  ["from an offset on", [part(0, 6), part(6, 2)], 6, [6]],
  ["up to a gap", [part(0, 6), part(7, 2)], 0, [0]],
  ["one that a lost head has cut elsewhere", [part(0, 6), part(3, 9), part(6, 1)], 0, [0, 6]],
  ["an empty one", [part(0, 0)], 0, []],
])("%s: the log's parts are those that follow each other", (_name, parts, from, offsets) => {
  expect(chainOf(parts, from).map(({ offset }) => offset)).toEqual(offsets);
});

describe("a manifest", () => {
  const sha256 = "0".repeat(64);
  const parts = [0, 6].map((offset) => ({ key: partKey(PREFIX, offset), bytes: 6, sha256 }));
  const whole = { job: "job-1", attempt: 2, parts, bytes: 12, sha256, exitCode: 0, truncated: false };
  const parsed = (change: object, key = manifestKey(PREFIX)) =>
    parseManifest(JSON.stringify({ ...whole, ...change }), key);

  test("whose parts follow each other is one", () => expect(parsed({})).toEqual(whole));

  test.each<[string, object, string]>([
    ["of another form", { attempt: 0 }, "it is not a manifest"],
    [
      "with a gap",
      { parts: parts.slice(1), bytes: 6 },
      `it names ${partKey(PREFIX, 6)} where ${partKey(PREFIX, 0)} follows`,
    ],
    ["of other bytes", { bytes: 13 }, "its parts have 12 bytes, and not 13"],
  ])("%s fails", (_name, change, problem) => expect(parsed(change)).toBe(problem));

  test("that is no JSON, or has another's key, fails", () => {
    expect(parseManifest("{", manifestKey(PREFIX))).toBe("it is not a manifest");
    expect(parsed({}, partKey(PREFIX, 0))).toBe("it is not a manifest");
  });
});
