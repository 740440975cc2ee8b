import { describe, expect, test } from "@jest/globals";
import { expectTypeOf } from "expect-type";
import { errorDiagnostic } from "../../../../provider/core/diagnostic.js";
import {
  computed,
  integer,
  list,
  map,
  nullable,
  object,
  optional,
  required,
  set,
  string,
  withDefault,
  writeOnly,
} from "../../../../provider/core/schema.js";
import type { Computed, Config, Schema, State } from "../../../../provider/core/types.js";
import { checkConfig, validateConfig } from "../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN, type Unknown, type Value } from "../../../../provider/core/value.js";

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

test("a value of 200 characters is shown whole, a longer one as far as that", () => {
  const shown = (letters: number) =>
    checkConfig(schema, { name: "x".repeat(letters) })[0]?.detail.replace("name is ", "");
  expect(shown(198)).toBe(`"${"x".repeat(198)}": it must be shorter.`);
  expect(shown(199)).toBe(`"${"x".repeat(199)}... (201 characters): it must be shorter.`);
});

describe("null, where it can't be", () => {
  const inner = object({ text: required(string, { description: "" }) });
  const kind = {
    schema: {
      version: 0,
      description: "",
      attributes: {
        name: required(string, { description: "" }),
        zones: optional(list(string), { description: "" }),
        tags: optional(map(string), { description: "" }),
        rules: optional(set(inner), { description: "" }),
      },
    } satisfies Schema,
    validate: () => [errorDiagnostic("value-invalid", "Spans", "")],
  };

  test("is told with its path: required attributes and elements", () => {
    const config = { name: null, zones: ["a", null], tags: { a: null }, rules: [null, { text: null }] };
    expect(validateConfig(kind, config).map(({ path, summary }) => [path, summary])).toEqual([
      [["name"], "Missing name"],
      [["zones", 1], "Missing zones[1]"],
      [["tags", { key: "a" }], 'Missing tags["a"]'],
      [["rules", { someOf: "set" }], "Missing rules[*]"],
      [["rules", { someOf: "set" }, "text"], "Missing rules[*].text"],
    ]);
  });

  test("is none where elements may be null, and the types say so", () => {
    const lenient = {
      version: 0,
      description: "",
      attributes: { tags: optional(map(nullable(string)), { description: "" }) },
    } as const satisfies Schema;
    expect(checkConfig(lenient, { tags: { a: null, b: "x" } })).toEqual([]);
    expectTypeOf<State<typeof lenient>["tags"]>().toEqualTypeOf<Readonly<
      Record<string, string | null>
    > | null>();
  });

  test("keeps the rules that span attributes from what their types don't have", () => {
    expect(validateConfig(kind, { name: "a" })).toMatchObject([{ summary: "Spans" }]);
    expect(validateConfig(kind, {})).toMatchObject([{ summary: "Missing name" }]);
  });
});

describe("a set's elements that their defaults make the same", () => {
  const about = { description: "" };
  const rule = object({ port: optional(integer, about), protocol: withDefault(string, "tcp", about) });
  const kind = { version: 0, description: "", attributes: { rules: optional(set(rule), about) } };
  const problems = (...rules: readonly Value[]) => checkConfig(kind, { rules });

  test("are no problem in a list", () => {
    const listed = { ...kind, attributes: { rules: optional(list(rule), about) } };
    const rules = [{ port: 80 }, { port: 80, protocol: "tcp" }];
    expect(checkConfig(listed, { rules })).toEqual([]);
  });

  test("are told, for Terraform would blame the provider", () => {
    expect(problems({ port: 80 }, { port: 80, protocol: "tcp" })).toMatchObject([
      {
        path: ["rules"],
        detail: expect.stringMatching(/^rules is \[.*\]: it has elements that differ only in/),
      },
    ]);
  });

  test.each<[string, readonly Value[]]>([
    ["differ", [{ port: 80 }, { port: 80, protocol: "udp" }]],
    ["are given twice, which Terraform makes one of", [{ port: 80 }, { port: 80 }]],
    ["may differ when they are known", [{ port: UNKNOWN }, { port: UNKNOWN, protocol: "tcp" }]],
  ])("are not seen in those that %s", (_name, rules) => expect(problems(...rules)).toEqual([]));
});

describe("a value that is shown", () => {
  test("is never a secret, also inside of one", () => {
    const secret = {
      version: 0,
      description: "",
      attributes: {
        pin: optional(string, { description: "", sensitive: true, checks: [short] }),
        password: writeOnly(string, { description: "", checks: [short] }),
        login: optional(object({ user: optional(string, { description: "", checks: [short] }) }), {
          description: "",
          sensitive: true,
        }),
      },
    } as const satisfies Schema;
    const config = { pin: "hunter2", password: "hunter2", login: { user: "hunter2" } };
    const told = checkConfig(secret, config).map(({ detail }) => detail);
    expect(told).toEqual(
      ["pin", "password", "login.user"].map((name) => `${name} is (a sensitive value): it must be shorter.`),
    );
  });

  test("is shown without the secrets in it, which its check may not quote either", () => {
    const quoting = (logins: unknown): string => `must be none of ${JSON.stringify(logins)}`;
    const about = { description: "" };
    const login = object({
      user: required(string, about),
      pin: optional(integer, { ...about, sensitive: true }),
      key: optional(string, { ...about, sensitive: true }),
    });
    const secret = {
      version: 0,
      description: "",
      attributes: {
        logins: optional(map(list(login)), {
          ...about,
          checks: [() => "must be fewer"],
        }),
        token: optional(string, { ...about, sensitive: true, checks: [quoting] }),
      },
    } satisfies Schema;
    const logins: ObjectValue = {
      a: [{ user: "root", pin: 1234, key: `k${"hunter2".repeat(100)}` }, UNKNOWN],
    };
    const told = checkConfig(secret, { logins, token: "hunter2" }).map(({ detail }) => detail);
    const blot = "(a sensitive value)";
    expect(told).toEqual([
      `logins is {"a":[{"user":"root","pin":"${blot}","key":"${blot}"},"(not known yet)"]}: it must be fewer.`,
      `token is ${blot}: it must be none of "${blot}".`,
    ]);
  });

  test("is cut where it is long", () => {
    const [problem] = checkConfig(schema, { name: "x".repeat(10_000_000) });
    expect(problem?.detail).toMatch(/^name is "x{199}\.\.\. \(10000002 characters\): it must be shorter\.$/);
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
