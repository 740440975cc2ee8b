import { describe, expect, test } from "@jest/globals";
import type { AnyResource } from "../../../../provider/core/resource.js";
import { upgradeState } from "../../../../provider/core/upgrade.js";

const never = () => Promise.reject(new Error("an upgrade makes no calls"));
const current: AnyResource<null> = {
  schema: { version: 2, description: "", attributes: {} },
  ...{ create: never, read: never, update: never, delete: never },
};

describe("upgradeState", () => {
  const resource = {
    ...current,
    upgrade: {
      0: ({ count, ...rest }: Record<string, unknown>) => ({ ...rest, size: count }),
      1: (state: Record<string, unknown>) => ({ ...state, id: `v2-${String(state["id"])}` }),
    },
  };

  test("goes through every version", () => {
    expect(upgradeState("t", resource, 0, { count: 3, id: "x" })).toEqual({ size: 3, id: "v2-x" });
    expect(upgradeState("t", resource, 2, { size: 3, id: "x" })).toEqual({ size: 3, id: "x" });
  });

  test("fails on a newer state, and on one that nothing leads from", () => {
    expect(() => upgradeState("t", resource, 3, {})).toThrow(/newer/);
    expect(() => upgradeState("t", current, 1, {})).toThrow(/can't bring version 1 to 2/);
  });
});
