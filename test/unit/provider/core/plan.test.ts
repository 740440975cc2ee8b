import { describe, expect, test } from "@jest/globals";
import { planChange, planResource, withDefaults } from "../../../../provider/core/plan.js";
import { type AnyResource, resourceFor } from "../../../../provider/core/resource.js";
import {
  computed,
  filled,
  integer,
  list,
  map,
  object,
  optional,
  required,
  set,
  string,
  withDefault,
  writeOnly,
} from "../../../../provider/core/schema.js";
import type { Schema } from "../../../../provider/core/types.js";
import { type ObjectValue, UNKNOWN, type Value } from "../../../../provider/core/value.js";

const about = { description: "" };
const schema = {
  version: 0,
  description: "",
  attributes: {
    name: required(string, { ...about, replaces: true }),
    size: optional(integer, about),
    mode: withDefault(string, "plain", about),
    tags: optional(map(string), about),
    disks: optional(
      list(object({ path: required(string, about), fs: withDefault(string, "xfs", about) })),
      about,
    ),
    id: computed(string, { ...about, changesWith: [] }),
    total: computed(integer, { ...about, changesWith: ["size"] }),
    seen: computed(string, about),
  },
  blocks: { timeouts: object({ create: optional(string, about) }) },
};
const unset = {
  size: null,
  mode: null,
  tags: null,
  disks: null,
  id: null,
  total: null,
  seen: null,
  timeouts: null,
};
const config = { ...unset, name: "a" };
const prior: ObjectValue = { ...config, mode: "plain", id: "1", total: 4, seen: "x" };
const plan = (before: ObjectValue | null, given: ObjectValue) => {
  const proposed =
    before === null ? given : { ...given, id: before["id"], total: before["total"], seen: before["seen"] };
  return planChange(schema, { prior: before, config: given, proposed: proposed as ObjectValue });
};

describe("the defaults of the objects inside a value", () => {
  const disk = object({ path: required(string, about), fs: withDefault(string, "xfs", about) });
  const [given, whole] = [
    { path: "/a", fs: null },
    { path: "/a", fs: "xfs" },
  ];

  test.each<[string, Parameters<typeof withDefaults>[0], Value, Value]>([
    ["an object", disk, given, whole],
    ["a list", list(disk), [given, { path: "/b", fs: "ext4" }], [whole, { path: "/b", fs: "ext4" }]],
    ["a set", set(disk), [given], [whole]],
    ["a map", map(disk), { a: given }, { a: whole }],
    ["a list of sets", list(set(disk)), [[given]], [[whole]]],
    ["what is null", list(disk), null, null],
    ["what is not known yet", set(disk), UNKNOWN, UNKNOWN],
    ["an element that is not known yet", set(disk), [UNKNOWN], [UNKNOWN]],
    ["a text", string, "a", "a"],
  ])("are filled in in %s", (_name, type, value, expected) => {
    expect(withDefaults(type, value)).toEqual(expected);
  });
});

describe("planChange", () => {
  test("create: computed values are unknown, defaults are filled in, also in nested objects", () => {
    expect(
      plan(null, {
        ...config,
        disks: [
          { path: "/a", fs: null },
          { path: "/b", fs: "ext4" },
        ],
      }),
    ).toEqual({
      planned: {
        ...config,
        mode: "plain",
        disks: [
          { path: "/a", fs: "xfs" },
          { path: "/b", fs: "ext4" },
        ],
        id: UNKNOWN,
        total: UNKNOWN,
        seen: UNKNOWN,
      },
      requiresReplace: [],
    });
  });

  test("no change: exactly the prior state", () => {
    expect(plan(prior, config)).toEqual({ planned: prior, requiresReplace: [] });
  });

  test.each<[string, ObjectValue, ObjectValue]>([
    ["an attribute that one computed value follows", { size: 5 }, { id: "1", total: UNKNOWN, seen: UNKNOWN }],
    ["an attribute that none follows", { tags: { a: "b" } }, { id: "1", total: 4, seen: UNKNOWN }],
    ["a block", { timeouts: { create: "5m" } }, { id: "1", total: 4, seen: UNKNOWN }],
    ["a value not known yet", { size: UNKNOWN }, { size: UNKNOWN, id: "1", total: UNKNOWN }],
  ])("update by %s", (_name, change, expected) => {
    const { planned, requiresReplace } = plan(prior, { ...config, ...change });
    expect(planned).toMatchObject(expected);
    expect(requiresReplace).toEqual([]);
  });

  test("a computed value that was never known becomes unknown, whatever it depends on", () => {
    expect(plan({ ...prior, id: null }, { ...config, size: 1 }).planned).toMatchObject({ id: UNKNOWN });
  });

  test("a live value stays what was last read, null too, and never makes a change by itself", () => {
    const reporting = {
      version: 0,
      description: "",
      attributes: { size: optional(integer, about), status: computed(string, { ...about, live: true }) },
    };
    const planned = (before: ObjectValue | null, size: number) => {
      const given = { size, status: null };
      return planChange(reporting, { prior: before, config: given, proposed: { ...given, ...before, size } })
        .planned;
    };
    expect(planned(null, 1)).toEqual({ size: 1, status: UNKNOWN });
    for (const status of ["busy", null]) {
      expect(planned({ size: 1, status }, 1)).toEqual({ size: 1, status });
      expect(planned({ size: 1, status }, 2)).toEqual({ size: 2, status });
    }
  });

  test.each<[Value]>([["b"], [UNKNOWN]])("a change of a replacing attribute says so: %p", (name) => {
    expect(plan(prior, { ...config, name }).requiresReplace).toEqual([["name"]]);
  });

  test("a filled value: unknown until applied if the user did not give it, else the user's, kept otherwise", () => {
    const filling = {
      version: 0,
      description: "",
      attributes: { size: optional(integer, about), zone: filled(string, { ...about, changesWith: [] }) },
    };
    const planned = (before: ObjectValue | null, given: ObjectValue, proposed = given) =>
      planChange(filling, { prior: before, config: given, proposed }).planned;
    expect(planned(null, { size: 1, zone: null })).toEqual({ size: 1, zone: UNKNOWN });
    expect(planned(null, { size: 1, zone: "a" })).toEqual({ size: 1, zone: "a" });
    const there = { size: 1, zone: "a" };
    expect(planned(there, { size: 2, zone: null }, { size: 2, zone: "a" })).toEqual({ size: 2, zone: "a" });
    expect(planned(there, { size: 1, zone: "b" })).toEqual({ size: 1, zone: "b" });
  });

  test("a write-only value is in no plan; its partner's change makes one", () => {
    const secretive = {
      version: 0,
      description: "",
      attributes: { password: writeOnly(string, about), password_version: optional(integer, about) },
    };
    const before = { password: null, password_version: 1 };
    const planned = (version: number) => {
      const given = { password: "secret", password_version: version };
      return planChange(secretive, { prior: before, config: given, proposed: given }).planned;
    };
    expect(planned(1)).toEqual(before);
    expect(planned(2)).toEqual({ password: null, password_version: 2 });
  });

  test.each<[string, Value, Value, object]>([
    ["create", null, "b", { seen: "b", total: UNKNOWN }],
    ["nothing changes", "x", "x", { ...prior }],
    ["it alone changes", "a", "b", { seen: "b", total: 4, id: "1" }],
    ["it is not known yet", "a", UNKNOWN, { seen: UNKNOWN, total: 4 }],
  ])("a foreseen value overrides the schema in the plan, where %s", (_name, before, after, expected) => {
    const there: ObjectValue | null = before === null ? null : { ...prior, seen: before };
    const proposed: ObjectValue = {
      ...config,
      ...(there === null ? {} : { id: "1", total: 4, seen: before }),
    };
    const asked: ObjectValue[] = [];
    const { planned } = planChange(schema, { prior: there, config, proposed }, (wanted) => {
      asked.push(wanted);
      return { seen: after };
    });
    expect(planned).toMatchObject(expected);
    expect(asked).toMatchObject([{ name: "a", mode: "plain" }]);
  });

  test("destroy: nothing is planned", () => {
    expect(planChange(schema, { prior, proposed: null, config: null })).toEqual({
      planned: null,
      requiresReplace: [],
    });
  });
});

describe("planResource", () => {
  test("foresees nothing where the provider's settings are not known yet", () => {
    const never = () => Promise.reject(new Error("not called"));
    const seeing = resourceFor<{ readonly settings: null | string }>()({
      schema,
      plan: () => ({ seen: "foreseen" }),
      ...{ create: never, read: never, update: never, delete: never },
    }) as AnyResource<{ readonly settings: null | string }>;
    const seen = (settings: string | null) =>
      planResource("test_thing", seeing, { prior: null, config, proposed: config }, settings).planned?.[
        "seen"
      ];
    expect([seen("any"), seen(null)]).toEqual(["foreseen", UNKNOWN]);
  });

  test("shows what the resource throws, and no secret that it quotes", () => {
    const secretive = {
      version: 0,
      description: "",
      attributes: { pin: optional(string, { ...about, sensitive: true }), id: computed(string, about) },
    } as const satisfies Schema;
    const never = () => Promise.reject(new Error("not called"));
    const resource = resourceFor<{ readonly settings: null | string }>()({
      schema: secretive,
      plan: ({ pin }) => {
        throw new Error(`no door for ${String(pin)}`);
      },
      ...{ create: never, read: never, update: never, delete: never },
    }) as AnyResource<{ readonly settings: null | string }>;
    const given = { pin: "hunter2", id: null };
    const planned = () =>
      planResource("test_door", resource, { prior: null, config: given, proposed: given }, "any");
    expect(planned).toThrow("Could not plan test_door: Error: no door for (a sensitive value).");
  });
});
