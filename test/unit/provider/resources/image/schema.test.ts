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
const steps = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `s-${n}`, script: ":" }));
const step = (script: string, name = "motd") => ({ steps: [{ name, script }] });

test.each<[string, ObjectValue, string | null]>([
  ["a step of one character", step(":"), null],
  ["the longest step", step("x".repeat(65_536)), null],
  ["an empty step", step(""), "must have 1 to 65536 characters"],
  ["a step that is too long", step("x".repeat(65_537)), "must have 1 to 65536 characters"],
  ["as many steps as there may be", { steps: steps(20) }, null],
  ["one step more", { steps: steps(21) }, "must have at most 20 elements"],
  ["a step whose name is none", step(":", "Motd"), "1-40 lower-case letters, digits and hyphens"],
])("%s", (_name, change, problem) => {
  expect(problemsOf(change)).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
});

/** Names of regions, each another. */
const regions = (count: number) =>
  ["us", "eu"].flatMap((part) => Array.from({ length: 10 }, (_, n) => `${part}-south-${n}`)).slice(0, count);
const account = (n: number) => String(100_000_000_000 + n);

test.each<[string, ObjectValue, string | null]>([
  ["as many regions as there may be", { regions: regions(14) }, null],
  ["one region more", { regions: regions(15) }, "must have at most 14 elements"],
  [
    "what is no region",
    { regions: ["us-east-1", "Mars", "US"] },
    "AWS regions, like us-east-1 (not so: Mars, US)",
  ],
  ["a region that is not known yet", { regions: ["us-east-1", UNKNOWN] }, null],
  ["as many accounts as there may be", { accounts: Array.from({ length: 200 }, (_, n) => account(n)) }, null],
  [
    "one account more",
    { accounts: Array.from({ length: 201 }, (_, n) => account(n)) },
    "must have at most 200 elements",
  ],
  ["what is no account", { accounts: ["1234"] }, "must hold account ids of 12 digits (not so: 1234)"],
  ["a key for a region", { kms_key_ids: { "us-east-1": "alias/ours" } }, null],
  ["what is no key", { kms_key_ids: { "us-east-1": "ours!" } }, "KMS keys (not so: ours!)"],
  ["a key for what is no region", { kms_key_ids: { home: "alias/ours" } }, "as keys (not so: home)"],
  ["security groups", { security_group_ids: ["sg-0123456789abcdef0"] }, null],
  ["what is no security group", { security_group_ids: ["default"] }, "security groups (not so: default)"],
])("%s", (_name, change, problem) => {
  expect(problemsOf(change)).toEqual(problem === null ? [] : [expect.stringContaining(problem)]);
});
