import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Screening, screeningOf } from "./screening-result.js";
import { type FromWorker, TEST_LIMIT_MS, type ToWorker } from "./worker-messages.js";

/** A file's tests: all passed, one failed, or they did not end. */
export type Outcome = "passed" | "failed" | "hangs";

/** What came of a file's tests. `reached`: the numbers of the changes whose expressions ran, where all passed. */
interface Ran {
  readonly outcome: Outcome;
  readonly reached: ReadonlySet<number>;
}

/** Runs the tests of one file after the other, in a process that stays warm. */
export interface TestProcess {
  /**
   * With the change of that number made, or none: until the first test fails, or the file's time is over. Where the process dies, another tries
   * again; if that dies too, they failed.
   */
  run(file: string, made: number | null): Promise<Ran>;
  /** Screens changes by the file's tests (screening.ts), but for these. */
  screen(file: string, but: readonly number[]): Promise<Screening>;
  /** For good: a run that is under way fails. */
  stop(): void;
}

/** For all tests of a file together: one may take less. */
const FILE_LIMIT_MS = 3 * TEST_LIMIT_MS;
/** Between two messages of a screening. */
const SCREEN_REST_MS = 2 * TEST_LIMIT_MS;
const START_LIMIT_MS = 180_000;
/** After a failure, so that the file can end; a process in which it doesn't is not used again. */
const REST_MS = 20_000;
/** What tests leave behind in a process, timers for instance, is not to mix with the tests of many other changes. */
const RUNS_A_PROCESS = 60;

/** The next message that is looked for; null after the time, or at once when the process has ended. */
function nextOf(child: ChildProcess, kinds: readonly FromWorker["kind"][], limitMs: number) {
  return new Promise<FromWorker | null>((resolve) => {
    const settle = (message: FromWorker | null): void => {
      clearTimeout(timer);
      child.off("message", look);
      child.off("exit", none);
      resolve(message);
    };
    const look = (message: FromWorker): void => {
      if (kinds.includes(message.kind)) settle(message);
    };
    const none = (): void => settle(null);
    const timer = setTimeout(none, limitMs);
    child.on("message", look);
    child.once("exit", none);
    if (child.exitCode !== null || child.signalCode !== null) none();
  });
}

/** What the process says until it is done, ends, or has said nothing for that time. */
function everythingOf(child: ChildProcess, begin: () => void, restMs: number) {
  return new Promise<readonly FromWorker[]>((resolve) => {
    const said: FromWorker[] = [];
    const settle = (): void => {
      clearTimeout(timer);
      child.off("message", hear);
      child.off("exit", settle);
      resolve(said);
    };
    const hear = (message: FromWorker): void => {
      said.push(message);
      timer.refresh();
      if (message.kind === "done") settle();
    };
    const timer = setTimeout(settle, restMs);
    child.on("message", hear);
    child.once("exit", settle);
    begin();
  });
}

/** In a folder that has the project's files and its modules. */
export function createTestProcess(folder: string): TestProcess {
  let child: ChildProcess | null = null;
  let runs = 0;
  let isStopped = false;

  function discard(): void {
    child?.kill("SIGKILL");
    child = null;
  }

  async function warm(): Promise<ChildProcess> {
    if (isStopped) throw new Error("The tests' process was stopped.");
    if (child !== null && runs < RUNS_A_PROCESS && child.connected) return child;
    discard();
    runs = 0;
    child = fork(join(import.meta.dirname, "worker.ts"), [], {
      ...{ cwd: folder, execArgv: ["--import", "tsx"], stdio: "ignore" },
      env: { ...process.env, NODE_ENV: "test" },
    });
    if ((await nextOf(child, ["ready"], START_LIMIT_MS)) === null)
      throw new Error(`test/mutants/worker.ts did not start in ${START_LIMIT_MS / 1000} s.`);
    return child;
  }

  /** Null: the process died. */
  async function runOnce(file: string, made: number | null): Promise<Ran | null> {
    const worker = await warm();
    runs += 1;
    const ask: ToWorker = { file, made, screenBut: null };
    worker.send(ask);
    // All listen from the beginning: a failure and the end may come together.
    const reached = nextOf(worker, ["reached"], FILE_LIMIT_MS + REST_MS);
    const end = nextOf(worker, ["done"], FILE_LIMIT_MS + REST_MS);
    const said = await nextOf(worker, ["failed", "done"], FILE_LIMIT_MS);
    if (said?.kind === "done") return { outcome: "passed", reached: numbersOf(await reached) };
    const isRunning = worker.exitCode === null && worker.signalCode === null;
    const isHang = said === null ? isRunning : isTimeout(said);
    const rest =
      said === null || isHang ? null : await Promise.race([end, pause(REST_MS, null, { ref: false })]);
    if (rest === null) discard();
    if (isHang) return { outcome: "hangs", reached: new Set() };
    return said === null ? null : FAILED;
  }

  async function screen(file: string, but: readonly number[]): Promise<Screening> {
    const worker = await warm();
    runs += 1;
    const ask: ToWorker = { file, made: null, screenBut: but };
    const said = await everythingOf(worker, () => worker.send(ask), SCREEN_REST_MS);
    const hasEnded = said.some(({ kind }) => kind === "done");
    const screening = screeningOf(said, hasEnded);
    if (!hasEnded || screening.ended.length > 0) discard();
    return screening;
  }

  return {
    run: async (file, made) => (await runOnce(file, made)) ?? (await runOnce(file, made)) ?? FAILED,
    screen,
    stop() {
      isStopped = true;
      discard();
    },
  };
}

const FAILED: Ran = { outcome: "failed", reached: new Set() };

const numbersOf = (said: FromWorker | null): ReadonlySet<number> =>
  new Set(said?.kind === "reached" ? said.numbers : []);

/** By the words of jest for a test that took too long: it has no code for it. */
const isTimeout = (said: FromWorker): boolean =>
  said.kind === "failed" && said.why.includes("Exceeded timeout of");
