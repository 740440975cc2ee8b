import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { buildTestBundle, type TestBundle } from "../../support/cli/bundle.js";
import { COMMAND_CASES } from "../../support/cli/every-command.js";

/** Says at the end how many parts of the bundle were compiled, and of how many characters: each is compiled when something of it is first used. */
const COUNT = `
const vm = require("node:vm"), compile = vm.compileFunction;
let parts = 0, characters = 0;
vm.compileFunction = (...args) => { parts++; characters += args[0].length; return compile(...args); };
process.on("exit", () => process.stderr.write("\\nparts " + parts + " of " + characters));
`;

let bundle: TestBundle;
beforeAll(async () => {
  bundle = await buildTestBundle();
  await writeFile(join(bundle.folder, "count.cjs"), COUNT);
});
afterAll(() => bundle?.remove());

const compiled = async (args: readonly string[], aws: Readonly<Record<string, string>> = {}) => {
  // With what earlier starts have kept nothing is compiled.
  const keepsNothing = { NODE_DISABLE_COMPILE_CACHE: "1" };
  const env = { NODE_OPTIONS: `--require ${join(bundle.folder, "count.cjs")}`, ...keepsNothing, ...aws };
  const { exitCode, stderr } = await bundle.run(args, { env });
  const [, parts, characters] = /\nparts (\d+) of (\d+)$/.exec(stderr) ?? [];
  return { exitCode, parts: Number(parts), characters: Number(characters) };
};
const partsOf = async (...args: string[]): Promise<number> => {
  const { exitCode, parts } = await compiled(args);
  expect(exitCode).toBe(0);
  return parts;
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

test("a list compiles the registry's client and no other of the SDK", async () => {
  const nobody = {
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
  };
  const place = ["--org", "acme", "--region", "us-east-1", "--cluster", "demo"];
  const { exitCode, characters } = await compiled(["job", "list", ...place], nobody);
  expect(exitCode).toBe(1);
  // The client itself, its HTTP and its signatures are 300,000; S3's would be 128,000 more, and yaml's, for no muster.yaml, 119,000.
  expect(characters).toBeGreaterThan(300_000);
  expect(characters).toBeLessThan(580_000);
});
