import { expect, test } from "@jest/globals";
import { placeOf, shownValue } from "../../../../agent/contract/shown-value.js";

test.each<[unknown, string]>([
  [undefined, "nothing"],
  [null, "null"],
  ["a\nb", '"a\\nb"'],
  ["x".repeat(60), `"${"x".repeat(60)}"`],
  ["x".repeat(61), `"${"x".repeat(60)}"... (61 characters)`],
  [[1, [2]], "a list of 2"],
  [{ secret: 1 }, "an object"],
  [7, "7"],
  [true, "true"],
])("%j is shown as %s", (value, shown) => {
  expect(shownValue(value)).toBe(shown);
});

test.each([
  [["script", "name"], "script.name"],
  [["environment", "A=B"], 'environment."A=B"'],
  [["x".repeat(60)], "x".repeat(60)],
  [["x".repeat(61)], `"${"x".repeat(60)}"... (61 characters)`],
])("the place %j is %s", (steps, shown) => {
  expect(placeOf(...steps)).toBe(shown);
});
