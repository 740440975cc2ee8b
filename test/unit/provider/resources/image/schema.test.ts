import { expect, test } from "@jest/globals";
import { validateConfig } from "../../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN } from "../../../../../provider/core/value.js";
import { imageResource } from "../../../../../provider/resources/image/resource.js";

/** What is wrong with an image of which all else is not known yet. */
const problemsOf = (change: ObjectValue) => {
  const names = Object.keys(imageResource.schema.attributes);
  const unknown = Object.fromEntries(
    names.map((name) => [
      name,
      imageResource.schema.attributes[name as never]["mode"] === "computed" ? null : UNKNOWN,
    ]),
  );
  const config = { ...unknown, timeouts: null, ...change } as ObjectValue;
  return validateConfig(imageResource as never, config).map(({ detail }) => detail);
};
const step = (script: string, name = "motd") => ({ steps: [{ name, script }] });

test.each<[string, ObjectValue, string | null]>([
  ["a step of one character", step(":"), null],
  ["the longest step", step("x".repeat(65_536)), null],
  ["an empty step", step(""), "must have 1 to 65536 characters"],
  ["a step that is too long", step("x".repeat(65_537)), "must have 1 to 65536 characters"],
  ["a step whose name is none", step(":", "Motd"), "1-40 lower-case letters, digits and hyphens"],
])("%s", (_name, change, problem) => {
  expect(problemsOf(change)).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
});
