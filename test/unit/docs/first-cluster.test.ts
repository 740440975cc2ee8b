import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { FakeWorld } from "../../support/cli/fake-world.js";
import { installOwnPackage } from "../../support/cli/own-package.js";
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

test("its first step writes the project that all others run in: no command needs the checkout", async () => {
  // GIVEN the packed command
  const world = new FakeWorld();
  installOwnPackage(world);
  // WHEN
  const [, init = ""] = /^muster (init .*)$/m.exec(blockOf(guide, "shell")) ?? [];
  expect(await world.run(...init.split(" "))).toBe(0);
  // THEN
  expect([...world.files.keys()]).toEqual(expect.arrayContaining(["demo/muster.yaml", "demo/package.json"]));
  const commands = [...guide.matchAll(/```shell\n(.*?)```/gs)].flatMap(([, text = ""]) =>
    text.trim().split("\n"),
  );
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands)
    expect(command).toMatch(/^(npm install\b|muster init |cd demo$|npx (muster|cdktf) )/);
  for (const command of commands) expect(command).not.toContain("--skip-provider-lock");
});
