import { describe, expect, test } from "@jest/globals";
import { expectTypeOf } from "expect-type";
import {
  computed,
  integer,
  list,
  map,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../../../provider/core/schema.js";
import type { Computed, Config, Schema, State } from "../../../../provider/core/types.js";
import { checkConfig } from "../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN, type Unknown } from "../../../../provider/core/value.js";

const short = (text: string): string | null => (text.length < 4 ? null : "must be shorter");
const schema = {
  version: 0,
  description: "",
  attributes: {
    name: required(string, { description: "", checks: [short] }),
    size: optional(integer, { description: "" }),
    mode: withDefault(string, "m", { description: "" }),
    sizes: optional(map(list(integer)), { description: "" }),
    id: computed(string, { description: "" }),
  },
  blocks: { times: object({ a: optional(string, { description: "", checks: [short] }) }) },
} as const satisfies Schema;
const valid: ObjectValue = { name: "abc", size: 1, sizes: { x: [1, 2] }, times: { a: "abc" } };

describe("checkConfig", () => {
  test.each([
    ["valid", valid],
    ["unknown", { name: UNKNOWN, sizes: { x: [UNKNOWN] }, times: UNKNOWN }],
    ["unset", { name: "a", size: null }],
  ])("%s values pass", (_name, config) => expect(checkConfig(schema, config as ObjectValue)).toEqual([]));

  test("every problem is told, with its path and the value", () => {
    const config = { name: "long", size: 0.5, sizes: { "x y": [1, 1.5] }, times: { a: "long" } };
    expect(checkConfig(schema, config).map(({ path, detail }) => [path, detail])).toEqual([
      [["name"], 'name is "long": it must be shorter.'],
      [["size"], "size is 0.5: it must be a whole number."],
      [["sizes", { key: "x y" }, 1], 'sizes["x y"][1] is 1.5: it must be a whole number.'],
      [["times", "a"], 'times.a is "long": it must be shorter.'],
    ]);
  });
});

describe("the types that follow from a schema", () => {
  test("State, Computed and Config", () => {
    expectTypeOf<State<typeof schema>>().toEqualTypeOf<
      {
        name: string;
        size: number | null;
        mode: string;
        sizes: Readonly<Record<string, readonly number[]>> | null;
        id: string | null;
      } & { times: { a: string | null } | null }
    >();
    expectTypeOf<Computed<typeof schema>>().toEqualTypeOf<{ id: string | null }>();
    expectTypeOf<keyof Config<typeof schema>>().toEqualTypeOf<"name" | "size" | "mode" | "sizes" | "times">();
    expectTypeOf<Config<typeof schema>["name"]>().toEqualTypeOf<string | Unknown>();
    expectTypeOf<Config<typeof schema>["size"]>().toEqualTypeOf<number | null | Unknown>();
  });
});
