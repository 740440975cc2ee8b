import { expect, test } from "@jest/globals";
import { renderValue } from "../../../../stacks/config/problem.js";

// JSON's quotes count.
test.each([
  ["of 60 characters as it is", "a".repeat(58), `"${"a".repeat(58)}"`],
  ["of 61 cut to 60, with dots", "a".repeat(59), `"${"a".repeat(56)}...`],
  ["that is none as a word", undefined, "nothing"],
  ["with a user in a URL without it", "git+https://me:secret@host/x", '"git+https://...@host/x"'],
])("an error shows a value %s", (_name, value, shown) => {
  expect(renderValue(value)).toBe(shown);
});
