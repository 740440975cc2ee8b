import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTestProcess, type TestProcess } from "../../mutants/test-process.js";

const PROJECT_ROOT = resolve(import.meta.dirname, "../../..");
const TESTS = {
  "passes.test.js": "test('it', () => { for (const number of [7, 9, 7]) mutantChoose(number, 1, 0) })",
  "fails.test.js": "test('it', () => { expect(1).toBe(2) })",
  "breaks.test.js": "throw new Error('no test yet')",
  "dies.test.js": "test('it', () => { process.kill(process.pid, 'SIGKILL') })",
  "hangs.test.js": "test('it', () => new Promise(() => {}), 100)",
};
let folder: string;
let tests: TestProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-test-process-"));
  const config = { projects: [{ displayName: "unit", rootDir: folder, transform: {} }] };
  await writeFile(join(folder, "jest.config.mjs"), `export default ${JSON.stringify(config)}`);
  await writeFile(join(folder, "package.json"), "{}");
  await symlink(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(TESTS)) await writeFile(join(folder, name), text);
  tests = createTestProcess(folder);
});
afterAll(async () => {
  tests.stop();
  await rm(folder, { recursive: true });
});

test("a file's tests pass, fail or hang, one file after the other, whatever the last one did to the process", async () => {
  const outcomes: Record<string, string> = {};
  for (const file of ["fails.test.js", "passes.test.js", "breaks.test.js", "dies.test.js", "hangs.test.js"])
    outcomes[file] = (await tests.run(file, null)).outcome;
  expect(outcomes).toEqual({
    "fails.test.js": "failed",
    "passes.test.js": "passed",
    "breaks.test.js": "failed",
    "dies.test.js": "failed",
    "hangs.test.js": "hangs",
  });
  expect(await tests.run("passes.test.js", null)).toEqual({ outcome: "passed", reached: new Set([7, 9]) });
});

test("a process that was stopped refuses to run", async () => {
  const stopped = createTestProcess(folder);
  stopped.stop();
  await expect(stopped.run("passes.test.js", null)).rejects.toThrow("was stopped");
});
