import { describe, expect, test } from "@jest/globals";
import { isSameValue } from "../../../../provider/core/same-value.js";
import { integer, list, map, object, optional, set, string } from "../../../../provider/core/schema.js";
import type { TypeShape } from "../../../../provider/core/types.js";
import { UNKNOWN, type Value } from "../../../../provider/core/value.js";

const rule = object({
  port: optional(integer, { description: "" }),
  from: optional(set(string), { description: "" }),
});

describe("isSameValue", () => {
  test.each<[string, TypeShape, Value, Value]>([
    ["a set in another order", set(string), ["a", "b"], ["b", "a"]],
    [
      "sets in a set's elements",
      set(rule),
      [
        { port: 1, from: ["a", "b"] },
        { port: 2, from: null },
      ],
      [
        { from: null, port: 2 },
        { from: ["b", "a"], port: 1 },
      ],
    ],
    ["a map in another order", map(set(string)), { a: ["x", "y"], b: [] }, { b: [], a: ["y", "x"] }],
    ["unknown and unknown", string, UNKNOWN, UNKNOWN],
    [
      "a set of lists, with null and twice the same",
      set(list(string)),
      [["b"], null, ["a"], ["a"]],
      [["a"], ["b"], ["a"], null],
    ],
    ["a list of sets", list(set(string)), [["a", "b"]], [["b", "a"]]],
    ["a set of maps", set(map(string)), [{ b: "1", a: "2" }], [{ a: "2", b: "1" }]],
    ["a set with what is not known", set(string), [UNKNOWN, "a"], ["a", UNKNOWN]],
  ])("same: %s", (_name, type, a, b) => {
    expect(isSameValue(type, a, b)).toBe(true);
  });

  test.each<[string, TypeShape, Value, Value]>([
    ["a list in another order", list(string), ["a", "b"], ["b", "a"]],
    ["an element more", set(string), ["a"], ["a", "b"]],
    ["an element that is not known", set(string), ["a", UNKNOWN], ["a", "b"]],
    ["null and empty", set(string), null, []],
    ["null and empty lists in a set", set(list(string)), [null, ["a"]], [[], ["a"]]],
    ["one element twice, and another", set(string), ["a", "a", "b"], ["a", "b", "b"]],
    ["a list in another order in a set", set(list(string)), [["a", "b"]], [["b", "a"]]],
    ["a map's values", map(string), { a: "1", b: "2" }, { a: "2", b: "1" }],
    ["one field in one element", set(rule), [{ port: 1, from: [] }], [{ port: 1, from: null }]],
  ])("not the same: %s", (_name, type, a, b) => {
    expect(isSameValue(type, a, b)).toBe(false);
  });
});
