import { expect, test } from "@jest/globals";
import { typeProblem } from "../../../../stacks/config/type-problem.js";

test.each<[string, unknown, string]>([
  ["string", 4, 'must be text: write "4" in quotes; got the number 4'],
  ["string", true, 'must be text: write "true" in quotes; got the boolean true'],
  ["string", [1], "must be text; got the list [1]"],
  ["string", {}, "must be text; got the mapping {}"],
  ["string", null, "must be text: give it a value, or remove the line; got nothing"],
  ["array", "a", 'must be a list: write [a]; got the text "a"'],
  ["array", 4, "must be a list: write [4]; got the number 4"],
  ["array", {}, "must be a list; got the mapping {}"],
  ["number", "0.1", 'must be a number: write 0.1 without quotes; got the text "0.1"'],
  ["number", " ", 'must be a number; got the text " "'],
  ["number", "x", 'must be a number; got the text "x"'],
  ["number", "Infinity", 'must be a number; got the text "Infinity"'],
  ["number", true, "must be a number; got the boolean true"],
  ["integer", "-4", 'must be a whole number: write -4 without quotes; got the text "-4"'],
  ["integer", "4.5", 'must be a whole number; got the text "4.5"'],
  ["boolean", "Yes", 'must be true or false: write true; got the text "Yes"'],
  ["boolean", "off", 'must be true or false: write false; got the text "off"'],
  ["boolean", "4", 'must be true or false; got the text "4"'],
  ["object", "no", 'must be a mapping (key: value); got the text "no"'],
  ["object", "yes", 'must be a mapping (key: value); got the text "yes"'],
  ["object", "4", 'must be a mapping (key: value); got the text "4"'],
  ["object", undefined, "must be a mapping (key: value); got nothing"],
  ["object", Uint8Array.of(1), "must be a mapping (key: value); got binary data"],
  ["of its own", 4, "must be of its own; got the number 4"],
])("what has to be %s and is %j: %s", (type, value, expected) => {
  expect(typeProblem(type, value)).toBe(expected);
});

test("a value is shown as the file has it, and what is wanted more exactly where that is known", () => {
  expect(typeProblem("string", 4, "a name", "0x4")).toBe(
    'must be a name: write "0x4" in quotes; got the number 4',
  );
  expect(typeProblem("array", 4, undefined, "0x4")).toBe("must be a list: write [0x4]; got the number 4");
  const day = new Date("2026-01-01T00:00:00Z");
  expect(typeProblem("string", day, undefined, "2026-01-01")).toMatch(
    /^must be text: write "2026-01-01" in quotes; got the date /,
  );
});
