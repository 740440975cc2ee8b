import { describe, expect, test } from "@jest/globals";
import { expectTypeOf } from "expect-type";
import { type AnyDataSource, dataSourceFor, readDataSource } from "../../../../provider/core/data-source.js";
import { errorDiagnostic, failure } from "../../../../provider/core/diagnostic.js";
import {
  computed,
  filled,
  integer,
  list,
  optional,
  required,
  string,
  withDefault,
} from "../../../../provider/core/schema.js";
import type { Config, Schema } from "../../../../provider/core/types.js";
import { validateConfig } from "../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN } from "../../../../provider/core/value.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const about = { description: "" };
const schema = {
  version: 0,
  description: "",
  attributes: {
    name: filled(string, about),
    kind: required(string, about),
    among: optional(list(string), about),
    limit: withDefault(integer, 5, { ...about, checks: [(n) => (n > 9 ? "must be at most 9" : null)] }),
    size: computed(integer, about),
  },
} as const satisfies Schema;
const asked = { name: null, kind: "a", among: null, limit: null, size: null };
const thing = dataSourceFor<number>()({
  schema,
  validate: ({ kind, name }) =>
    kind !== UNKNOWN && name === kind
      ? [errorDiagnostic("value-invalid", "Twice", "name and kind are the same")]
      : [],
  read: () => Promise.reject(new Error("unset")),
});
const sourceWith = (read: typeof thing.read): AnyDataSource<number> =>
  ({ ...thing, read }) as AnyDataSource<number>;
const look = (read: typeof thing.read, config: ObjectValue = asked) =>
  readDataSource("test_thing", sourceWith(read), config, { ...fakeRuntime(), client: 7 });

describe("readDataSource", () => {
  test("shows the warnings of a read beside what was read, and beside its error", async () => {
    const warning = { code: "preflight-image", summary: "s", detail: "d" } as const;
    const read = await look(async (_asked, { warn }) => {
      warn(warning);
      return { ...asked, kind: "a", limit: 5, size: 1 };
    });
    expect(read).toMatchObject({ value: { size: 1 }, diagnostics: [{ severity: "warning", ...warning }] });
    const failed = await look(async (_asked, { warn }) => {
      warn(warning);
      throw failure("value-invalid", "no", "not so");
    });
    expect(failed.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "error"]);
  });

  test("asks with defaults, gives the client, and fills in what the user left out", async () => {
    const seen: unknown[] = [];
    const { value, diagnostics } = await look(async (given, { client }) => {
      seen.push(given, client);
      return { name: "found", size: 3 };
    });
    expect(seen).toEqual([{ ...asked, limit: 5 }, 7]);
    expect({ value, diagnostics }).toEqual({
      value: { name: "found", kind: "a", among: null, limit: 5, size: 3 },
      diagnostics: [],
    });
  });

  test("what the user gave stays, whatever the data source tells", async () => {
    const { value } = await look(async () => ({ name: "other", kind: "b", size: 3 }) as never, {
      ...asked,
      name: "mine",
    });
    expect(value).toMatchObject({ name: "mine", kind: "a", size: 3 });
  });

  test.each([
    ["a worded failure", failure("cluster-unknown", "None found", "Look elsewhere."), "None found"],
    ["any exception", new TypeError("boom"), "Could not read test_thing"],
  ])("%s becomes a diagnostic, and there is no value", async (_name, error, summary) => {
    const { value, diagnostics } = await look(() => Promise.reject(error));
    expect(value).toBeNull();
    expect(diagnostics).toMatchObject([{ severity: "error", summary }]);
  });

  test.each<[string, ObjectValue]>([
    ["a value", { kind: UNKNOWN }],
    ["a list's element", { among: ["a", UNKNOWN] }],
  ])("fails where %s is not known yet, and asks nobody", async (_name, part) => {
    const never = () => Promise.reject(new Error("asked"));
    const { diagnostics } = await look(never, { ...asked, ...part });
    expect(diagnostics).toMatchObject([{ summary: "The configuration is not known yet" }]);
  });

  test("is checked by its schema and by its own rules, all at once", () => {
    const it = thing as AnyDataSource<number>;
    const problems = validateConfig(it, { ...asked, name: "a", limit: 10 });
    expect(problems.map(({ summary }) => summary)).toEqual(["Invalid limit", "Twice"]);
    expect(validateConfig(it, { ...asked, kind: UNKNOWN, limit: UNKNOWN })).toEqual([]);
  });

  test("knows its values by the schema", () => {
    dataSourceFor<number>()({
      schema,
      read: async (given, { client }) => {
        expectTypeOf(given.limit).toEqualTypeOf<number>();
        expectTypeOf(given.name).toEqualTypeOf<string | null>();
        expectTypeOf(given.among).toEqualTypeOf<readonly string[] | null>();
        expectTypeOf(client).toEqualTypeOf<number>();
        return { name: "", size: 1 };
      },
    });
    expectTypeOf<keyof Config<typeof schema>>().toEqualTypeOf<"name" | "kind" | "among" | "limit">();
  });
});
