import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { synthesise } from "../../support/stacks/synth.js";

const read = (name: string): string =>
  readFileSync(resolve(__dirname, "../../../docs/guides", `${name}.md`), "utf8");
const guide = read("first-cluster");
const blockOf = (markdown: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(markdown)?.[1] ?? "";
const musterYaml = blockOf(guide, "yaml");

test("the first cluster's costs are what the command says with the guide's prices", async () => {
  // GIVEN
  const world = new FakeWorld();
  world.files.set("muster.yaml", Buffer.from(musterYaml));
  world.files.set("prices.json", Buffer.from(blockOf(read("usage"), "json")));
  // WHEN
  expect(await world.run("cost", "--prices", "prices.json")).toBe(0);
  // THEN
  expect(world.out).toBe(blockOf(guide, "text"));
});

test("its stacks are those that the guide deploys, in the order in which they depend on each other", () => {
  const deployed = [...guide.matchAll(/^npx cdktf deploy (muster_\w+) /gm)].map(([, stack]) => stack);
  expect(deployed).toEqual(Object.keys(synthesise(musterYaml)));
  const rows = [...guide.matchAll(/^\| `(muster_\w+)` \|/gm)].map(([, stack]) => stack);
  expect(rows).toEqual(deployed);
});
