import type { Logger } from "pino";
import { reasonOf } from "../errors.js";
import type { PreparationFailure } from "../jobs/ports.js";
import { environmentFailure, setupFailure } from "./failures.js";
import type { EnvironmentFiles, Preparation, SetupRun, SetupRuns } from "./ports.js";

export interface NodePreparationDeps {
  readonly files: Pick<EnvironmentFiles, "bring">;
  readonly setups: SetupRuns;
  /** This node's. */
  readonly address: string;
  /** A set-up has ended, and its output waits for its delivery. */
  onSetupEnd(): void;
  readonly log: Logger;
}

/** What this node does before a launch. Null: it is ready. Rejects when `signal` aborts. May run twice, and at once. */
export type PrepareNode = (plan: Preparation, signal: AbortSignal) => Promise<PreparationFailure | null>;

/** Makes a node's part. Set-ups run one after the other: a second request for the same one waits, and finds it done. */
export function createPrepareNode(deps: NodePreparationDeps): PrepareNode {
  const { files, setups, address, log } = deps;
  let last: Promise<unknown> = Promise.resolve();

  async function runOnce(setup: SetupRun, signal: AbortSignal): Promise<PreparationFailure | null> {
    signal.throwIfAborted();
    const { jobId, attempt } = setup;
    if (await setups.isDone(jobId)) return null;
    log.info({ jobId, attempt }, "running the job's set-up");
    try {
      const end = await setups.run(setup, signal);
      const failure = setupFailure(address, setup.timeoutSeconds, end);
      if (failure === null) await setups.note(jobId);
      log.info({ jobId, attempt, end: end.end, exitCode: end.exitCode }, "the job's set-up has ended");
      return failure;
    } finally {
      deps.onSetupEnd();
    }
  }

  return async ({ jobId, attempt, environment, setup }, signal) => {
    if (environment !== null) {
      try {
        await files.bring(environment, signal);
      } catch (error) {
        signal.throwIfAborted();
        return environmentFailure(`${address} can't get the job's environment: ${reasonOf(error)}`, address);
      }
    }
    if (setup === null) return null;
    const mine = last.then(() => runOnce({ jobId, attempt, ...setup }, signal));
    last = mine.catch(() => undefined);
    return mine;
  };
}
