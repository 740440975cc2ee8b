import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { COMMAND_CASES } from "../../support/cli/every-command.js";

/** Says at the end how many parts of the bundle were compiled: each is compiled when something of it is first used. */
const COUNT = `
const vm = require("node:vm"), compile = vm.compileFunction;
let parts = 0;
vm.compileFunction = (...args) => { parts++; return compile(...args); };
process.on("exit", () => process.stderr.write("\\nparts " + parts));
`;

let bundle: TestBundle;
beforeAll(async () => {
  bundle = await buildTestBundle();
  await writeFile(join(bundle.folder, "count.cjs"), COUNT);
});
afterAll(() => bundle?.remove());

const partsOf = async (...args: string[]): Promise<number> => {
  const env = { NODE_OPTIONS: `--require ${join(bundle.folder, "count.cjs")}` };
  const { exitCode, stderr } = await bundle.run(args, { env });
  expect(exitCode).toBe(0);
  return Number(/\nparts (\d+)$/.exec(stderr)?.[1]);
};

describe("a help compiles few parts of the command, and none that only an action uses:", () => {
  test("the command's own, those that each start takes", async () => {
    expect(await partsOf("--help")).toBeLessThanOrEqual(6);
  });

  test.each(Object.keys(COMMAND_CASES))("muster %s --help", async (words) => {
    const parts = await partsOf(...words.split(" "), "--help");
    expect(parts).toBeGreaterThan(4);
    expect(parts).toBeLessThanOrEqual(16);
  });
});
