import { describe, expect, test } from "@jest/globals";
import {
  allTags,
  appliedTags,
  type GivenTags,
  ownTags,
  type Tags,
  tagChange,
  tagLimits,
} from "../../../../provider/client/tags.js";
import { UNKNOWN } from "../../../../provider/core/value.js";

describe("allTags", () => {
  test.each<[string, GivenTags, GivenTags, Tags]>([
    ["nothing", null, null, {}],
    ["the defaults alone", { a: "1" }, null, { a: "1" }],
    [
      "the resource's own over the defaults",
      { a: "1", b: "2" },
      { a: "x", c: "" },
      { a: "x", b: "2", c: "" },
    ],
    ["the same twice", { a: "1" }, { a: "1" }, { a: "1" }],
    [
      "a null value: no such tag, and none that hides a default",
      { a: null, b: "2" },
      { b: null },
      { b: "2" },
    ],
  ])("is %s", (_name, defaults, own, expected) => {
    expect(allTags(defaults, own)).toEqual(expected);
    expect(appliedTags(defaults, own)).toEqual(expected);
  });

  test.each<[GivenTags, GivenTags]>([
    [UNKNOWN, { a: "1" }],
    [{ a: UNKNOWN }, { a: "1" }],
    [null, UNKNOWN],
    [null, { a: "1", b: UNKNOWN }],
  ])("is unknown as a whole where a part is (%#)", (defaults, own) => {
    expect(allTags(defaults, own)).toBe(UNKNOWN);
    expect(() => appliedTags(defaults, own)).toThrow(/not known yet/);
  });
});

describe("ownTags", () => {
  type Stored = Parameters<typeof ownTags>[1];
  const state = (tags: GivenTags, tags_all: GivenTags): Stored => ({ tags, tags_all });

  test.each<[string, Tags, Stored, GivenTags, Tags | null | object]>([
    ["none: tags left out stay left out", {}, state(null, {}), null, null],
    ["none: an empty map stays one", {}, state({}, {}), null, {}],
    ["not the defaults", { a: "1", b: "2" }, state({ b: "2" }, { a: "1", b: "2" }), { a: "1" }, { b: "2" }],
    ["one that is a default too", { a: "1" }, state({ a: "1" }, { a: "1" }), { a: "1" }, { a: "1" }],
    ["not yesterday's default", { a: "old" }, state(null, { a: "old" }), { a: "new" }, null],
    ["all but the defaults after an import", { a: "1", b: "2" }, state(null, null), { a: "1" }, { b: "2" }],
    ["what was added by hand", { a: "1", h: "x" }, state(null, { a: "1" }), { a: "1" }, { h: "x" }],
    ["a default's value changed by hand", { a: "x" }, state(null, { a: "1" }), { a: "1" }, { a: "x" }],
    ["less what was removed by hand", {}, state({ b: "2" }, { b: "2" }), null, {}],
    ["a null value, as it was written", { a: "1" }, state({ a: null }, { a: "1" }), { a: "1" }, { a: null }],
    [
      "everything that defaults not known yet can't explain",
      { a: "1" },
      state(null, null),
      UNKNOWN,
      { a: "1" },
    ],
  ])("are %s", (_name, all, stored, defaults, expected) => {
    expect(ownTags(all, stored, defaults)).toEqual(expected);
  });
});

test("tagChange sets what differs, removes what is gone, and is null for nothing", () => {
  expect(tagChange({ a: "1", b: "2", c: "3" }, { a: "1", b: "x", d: "4" })).toEqual({
    set: { b: "x", d: "4" },
    remove: ["c"],
  });
  expect(tagChange({ a: "1" }, { a: "1" })).toBeNull();
});

describe("tagLimits", () => {
  const many = Object.fromEntries(Array.from({ length: 48 }, (_, index) => [`k${index}`, "v"]));

  test.each<[string, Readonly<Record<string, string | null>>]>([
    ["letters of any language, spaces and marks", { "größe _.:/=+-@": "日本語 1" }],
    ["an empty value", { a: "" }],
    ["a null value", { a: null }],
    ["the longest", { ["k".repeat(128)]: "v".repeat(256) }],
  ])("takes %s", (_name, tags) => {
    expect(tagLimits(tags)).toBeNull();
  });

  test.each<[Tags, RegExp]>([
    [many, /at most 47 tags/],
    [{ "": "v", "aws:a": "v", "Muster:org": "v", "a,b": "v" }, /not so: , aws:a, Muster:org, a,b/],
    [{ a: "x".repeat(257), b: "c;d" }, /values of at most 256 .* that of a, b/],
  ])("refuses what AWS or Muster would (%#)", (tags, problem) => {
    expect(tagLimits(tags)).toMatch(problem);
  });
});
