import { describe, expect, test } from "@jest/globals";
import { partitionKeyed } from "../../../agent/contract/keys.js";
import {
  absent,
  all,
  any,
  atMost,
  type Condition,
  equal,
  isNumber,
  type Key,
  not,
  oneOf,
  type Put,
  present,
  type Update,
  update,
} from "../../../agent/contract/writes/write.js";

/** A table that makes legal writes, and gives an item without its keys. */
export interface TableUnderTest {
  readonly clusterUuid: string;
  perform(write: Put | Update): Promise<boolean>;
  get(key: Key): Promise<Record<string, unknown> | null>;
}

const ITEM = { status: "NEW", count: 2, text: "2", none: null, flag: true, fleet: { owner: "me" } };

/** What every table does with a condition. `make` gives an empty one. */
export function describeTable(make: () => TableUnderTest): void {
  const place = ({ clusterUuid }: TableUnderTest) => partitionKeyed(clusterUuid, "NOTE#1");
  const put = (key: Key, condition: Condition | null = null): Put => ({
    write: "put",
    key,
    item: ITEM,
    condition,
  });

  describe("a table", () => {
    test.each<[string, boolean, Condition]>([
      ["present", true, present("status")],
      ["present, where it is null", true, present("none")],
      ["present, where it is missing", false, present("missing")],
      ["absent", false, absent("fleet")],
      ["absent inside", true, absent(["fleet", "group"])],
      ["absent inside what is missing", true, absent(["missing", "group"])],
      ["a number", true, isNumber("count")],
      ["a number, where it is a text", false, isNumber("text")],
      ["a number, where it is missing", false, isNumber("missing")],
      ["no number, where it is missing", true, not(isNumber("missing"))],
      ["equal", true, equal("status", "NEW")],
      ["equal to a truth", true, equal("flag", true)],
      ["equal but for its type", false, equal("text", 2)],
      ["equal, where it is missing", false, equal("missing", "x")],
      ["equal inside", true, equal(["fleet", "owner"], "me")],
      ["equal inside what is missing", false, equal(["missing", "owner"], "me")],
      ["equal inside what is a text", false, equal(["status", "owner"], "me")],
      ["at most", true, atMost("count", 2)],
      ["at most, where it is more", false, atMost("count", 1)],
      ["at most, where it is missing", false, atMost("missing", 9)],
      ["one of", true, oneOf("status", ["FAILED", "NEW"])],
      ["one of, where it is none", false, oneOf("status", ["FAILED"])],
      ["none of, where it is one", false, not(oneOf("status", ["FAILED", "NEW"]))],
      ["none of, where it is missing", true, not(oneOf("missing", ["FAILED"]))],
      ["all", false, all(present("status"), equal("count", 3))],
      ["any", true, any(equal("count", 3), present("status"))],
      ["any within all", false, all(present("status"), any(equal("count", 3), absent("status")))],
      ["all within any", true, any(all(present("missing"), present("status")), equal("count", 2))],
    ])("takes %s as %s", async (_name, expected, condition) => {
      const table = make();
      const key = place(table);
      await table.perform(put(key));
      expect(await table.perform(update(key, { set: { status: "SEEN" } }, condition))).toBe(expected);
      expect(await table.get(key)).toEqual({ ...ITEM, status: expected ? "SEEN" : "NEW" });
    });

    test("puts an item only where there is none, if told so", async () => {
      const table = make();
      const key = place(table);
      expect(await table.perform(put(key, present("pk")))).toBe(false);
      expect(await table.get(key)).toBeNull();
      expect(await table.perform(put(key, absent("pk")))).toBe(true);
      expect(await table.perform(put(key, absent("pk")))).toBe(false);
    });

    test("sets and removes in one update; without a condition it makes the item", async () => {
      const table = make();
      const key = place(table);
      expect(await table.perform(update(key, { set: { a: 1, b: 2 } }, null))).toBe(true);
      expect(
        await table.perform(update(key, { set: { a: 3 }, remove: ["b", "missing"] }, equal("b", 2))),
      ).toBe(true);
      expect(await table.get(key)).toEqual({ a: 3 });
    });
  });
}
