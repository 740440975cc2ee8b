/**
 * A warm process for unit tests: it loads jest once and runs one test file after the other, each in modules of its own, as its parent asks.
 * Its working directory is the checkout. It is ended by its parent.
 */
import { join } from "node:path";
import { readConfigs } from "jest-config";
import jestRunner from "jest-runner";
import jestRuntime from "jest-runtime";
import { TestWatcher } from "jest-watcher";
import {
  ASKED,
  type FromWorker,
  isToWorker,
  SCREENED_TEST_LIMIT_MS,
  TEST_LIMIT_MS,
  type ToWorker,
} from "./worker-messages.js";

// Under Node.js the default import is the class; TypeScript takes it for the module around that.
const TestRunner = jestRunner as unknown as typeof jestRunner.default;
const Runtime = jestRuntime as unknown as typeof jestRuntime.default;

const testEnvironment = join(import.meta.dirname, "test-environment.ts");

const tell = (message: FromWorker): void => {
  process.send?.(message);
};

async function prepare() {
  const argv = { _: [], $0: "jest", selectProjects: ["unit"], silent: true };
  const { globalConfig, configs } = await readConfigs(argv, [process.cwd()]);
  const unit = configs.find(({ displayName }) => displayName?.name === "unit");
  if (unit === undefined) throw new Error("jest.config.mjs has no project named unit.");
  // The project's own patience is for busy machines, and would wait minutes for each test that hangs.
  const config = { ...unit, setupFilesAfterEnv: [], testTimeout: TEST_LIMIT_MS, testEnvironment };
  const context = await Runtime.createContext(config, { maxWorkers: 1, watchman: false });
  return { context, globalConfig };
}

const { context, globalConfig } = await prepare();

async function run(asked: ToWorker): Promise<void> {
  const { file, screenBut } = asked;
  Object.assign(globalThis, { [ASKED]: asked });
  const testTimeout = screenBut === null ? TEST_LIMIT_MS : SCREENED_TEST_LIMIT_MS;
  const runner = new TestRunner({ ...globalConfig, testTimeout }, {});
  const failed = (why: string) => tell({ kind: "failed", file, why });
  runner.on("test-case-result", ([, { status, failureMessages, fullName }]) => {
    // In a screening a test that fails says something of a change.
    if (status === "failed" && screenBut === null) failed(`${fullName}: ${failureMessages.join("\n")}`);
  });
  runner.on("test-file-success", ([, { testExecError, numFailingTests }]) => {
    if (testExecError) failed(testExecError.message);
    else if (numFailingTests > 0 && screenBut === null) failed("a test failed");
  });
  runner.on("test-file-failure", ([, error]) => failed(error.message));
  const tests = [{ context, path: join(process.cwd(), file) }];
  await runner.runTests(tests, new TestWatcher({ isWatchMode: false }), { serial: true });
  tell({ kind: "done", file });
}

process.on("message", (message) => {
  if (isToWorker(message)) void run(message);
});
process.on("disconnect", () => process.exit());
tell({ kind: "ready" });
