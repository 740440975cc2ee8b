import { describe, expect, test } from "@jest/globals";
import { openPrivateState } from "../../../../provider/core/private-state.js";

describe("openPrivateState", () => {
  test("gives back what was set, after being stored and opened again; null forgets", () => {
    const first = openPrivateState("");
    expect(first.get("token")).toBeNull();
    first.set("token", { parts: [1, "größe", null], since: "now" });
    first.set("__proto__", "kept too");
    const again = openPrivateState(first.stored());
    expect(again.get("token")).toEqual({ parts: [1, "größe", null], since: "now" });
    expect(again.get("__proto__")).toBe("kept too");
    expect(again.get("constructor")).toBeNull();
    again.set("token", null);
    again.set("__proto__", null);
    expect(again.stored()).toBe("");
  });

  test("keeps a copy: a later change of the value is not seen", () => {
    const state = openPrivateState("");
    const value = { count: 1 };
    state.set("a", value);
    value.count = 2;
    expect(state.get("a")).toEqual({ count: 1 });
  });

  test("leaves the core's members alone, and is stored unchanged if it was not used", () => {
    const state = openPrivateState('{"core":{"a":1}}');
    expect(state.get("core")).toBeNull();
    state.set("core", "mine");
    expect(JSON.parse(state.stored())).toEqual({ core: { a: 1 }, resource: { core: "mine" } });
    expect(openPrivateState("not even JSON").stored()).toBe("not even JSON");
  });

  test.each(["not JSON", "null"])("says so where it is not ours: %p", (stored) => {
    expect(() => openPrivateState(stored).get("a")).toThrow(/Unreadable private state/);
  });

  test("refuses to grow without bound, and keeps what it had", () => {
    const state = openPrivateState("");
    state.set("a", "before");
    expect(() => state.set("a", "x".repeat(70_000))).toThrow(/with "a" .* more than 65536/);
    expect(state.get("a")).toBe("before");
    const most = 65_536 - '{"resource":{"a":""}}'.length;
    state.set("a", "x".repeat(most));
    expect(state.stored()).toHaveLength(65_536);
    expect(() => state.set("a", "x".repeat(most + 1))).toThrow("more than 65536");
  });
});
