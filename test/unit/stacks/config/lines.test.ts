import { expect, test } from "@jest/globals";
import { parseMusterConfig } from "../../../../stacks/config/load.js";

function refusal(text: string): string {
  try {
    parseMusterConfig(text, "/project/muster.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it was not refused");
}
const file = (...lines: readonly string[]) =>
  ["org: {name: demo, region: us-east-1}", "clusters:", "- name: alpha", "  nodes: 1", ...lines].join("\n");

test.each([
  ["of a key, where its value begins below it", file("  access:", "    sshKeys:", "      3"), 6],
  ["of the nearest key around one that is not there", file("  image:", "    {}"), 5],
  ["of the list's value, where that is wrong", file("  zones:", "  - us-east-1a", "  - 3"), 7],
  [
    "of the list's value with an unknown key at its beginning",
    `${file()}\n- nodez: 1\n  name: b\n  nodes: 1`,
    5,
  ],
])("a problem has the line %s", (_what, text, line) => {
  expect(refusal(text)).toContain(`line ${line}: clusters[`);
});

test("a zone that is no text has one problem, and a zone without a region none of its own", () => {
  const zones = (region: string, first: string) =>
    refusal(`org: {name: demo, ${region} network: {zones: [${first}, us-east-1b]}}`);
  expect(zones("region: us-east-1,", "3")).toMatch(/zones\[0\]: must be text/);
  expect(zones("", "us-east-1a")).not.toContain("zones");
});

test.each([
  ["three letters off has a hint", "nodexyz", true],
  ["four letters off has none", "nodewxyz", false],
])("a key that is %s", (_what, key, hasHint) => {
  expect(refusal(file(`  ${key}: 1`)).includes("did you mean nodes?")).toBe(hasHint);
});

test("an alias is refused inside the value that it names, and allowed right behind it", () => {
  const inside = file("  x-a: &a {b: *a}");
  expect(refusal(inside)).toContain("*a is inside the value that it refers to");
  expect(refusal(`x-a: [&a {b: 1},*a]\n${file("  nodez: 1")}`)).not.toContain("*a");
});

test("a notebook may have as many tags as AWS and Muster leave, the org's among them, and no more", () => {
  const tags = (name: string, count: number) =>
    `tags: {${Array.from({ length: count }, (_, index) => `${name}${index}: v`).join(", ")}}`;
  const withTags = (ofOrg: number) =>
    `org: {name: demo, region: us-east-1, ${tags("o", ofOrg)}}
clusters: [{name: alpha, nodes: 1, notebooks: [{name: explore, ${tags("n", 30)}}]}]`;
  expect(() => parseMusterConfig(withTags(15), "/project/muster.yaml")).not.toThrow();
  expect(refusal(withTags(16))).toContain("got 46 tags together with org.tags; allowed: 45");
});
