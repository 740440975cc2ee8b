import { expect, test } from "@jest/globals";
import { byText } from "../../../../agent/contract/text-order.js";

test("machine's texts are ordered by their characters' numbers, as no language orders them", () => {
  expect(["b", "a-2", "a", "Z", "ä", "a"].toSorted(byText)).toEqual(["Z", "a", "a", "a-2", "b", "ä"]);
});

test.each([
  ["the earlier", "2026-11-28T01:00:00.000Z", "2026-11-28T02:00:00.000Z", -1],
  ["the later", "2026-11-28T02:00:00.000Z", "2026-11-28T01:00:00.000Z", 1],
  ["the same", "", "", 0],
])("%s moment", (_which, a, b, order) => expect(byText(a, b)).toBe(order));
