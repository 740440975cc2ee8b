import pMap from "p-map";
import { DEFAULT_SETUP_TIMEOUT_SECONDS } from "../contract/job-request.js";
import type { JobItem } from "../contract/registry.js";
import { reasonOf } from "../errors.js";
import { HostUnreachableError } from "../jobs/job-hosts.js";
import { type JobSettings, rankEnvironment } from "../jobs/launch-plan.js";
import type { JobEnvironments, PreparationFailure } from "../jobs/ports.js";
import { workingFolderOf } from "../jobs/working-folder.js";
import type { Clock } from "../time/clock.js";
import { environmentFailure, installFailure } from "./failures.js";
import { readInputs, requirementsPlace } from "./inputs.js";
import { environmentKey } from "./key.js";
import { ENVIRONMENT_LIMITS } from "./limits.js";
import type { AskPreparation, EnvironmentFiles, Preparation } from "./ports.js";

export interface JobEnvironmentsDeps {
  readonly files: EnvironmentFiles;
  /** What of the image an environment follows from. */
  image(): Promise<string>;
  readonly ask: AskPreparation;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  /** The folder of the environments on each node's disk. */
  readonly root: string;
  readonly user: JobSettings["user"];
  readonly roleVariables?: JobSettings["roleVariables"];
}

/** How much longer than its work a node's answer may take. */
const ANSWER_MS = 30_000;
/** How long a node may be without an agent. */
const LOST_MS = 20_000;
const PAUSE_MS = 1_000;
/** Longer than the attempt to connect to a machine that is gone. */
const CONNECT_MS = 10_000;
/** All requests on the way together, so that a large one to many nodes fits into the agent's memory. */
const REQUEST_BYTES = 16_000_000;
const AT_ONCE = { least: 8, most: 2_000 } as const;

type Host = { readonly address: string };

/** What the head does for the environments of its jobs; the installation is on the head's own node. */
export function createJobEnvironments({
  files,
  image,
  ask,
  clock,
  root,
  user,
  roleVariables,
}: JobEnvironmentsDeps): JobEnvironments {
  /** One job runs at a time; a head that takes it over installs again, which costs nothing where it is there. */
  let installed: { readonly jobId: string; readonly key: string } | null = null;

  const keyOf = (jobId: string) => (installed?.jobId === jobId ? installed.key : null);

  function folderOf({ id, request }: Pick<JobItem, "id" | "request">): string | null {
    if (request.requirements === undefined) return null;
    const key = keyOf(id);
    if (key === null) throw new Error("the job's requirements are not installed");
    return `${root}/${key}`;
  }

  async function install(job: JobItem, signal: AbortSignal): Promise<PreparationFailure | null> {
    const { requirements } = job.request;
    if (requirements === undefined) return null;
    const place = requirementsPlace(job, requirements);
    const inputs = await readInputs(place, await image(), files, signal);
    if ("reason" in inputs) return inputs;
    const key = environmentKey(inputs);
    const failure = await files.install(key, place, signal);
    if (failure !== null) return installFailure(requirements, failure);
    installed = { jobId: job.id, key };
    return null;
  }

  function planOf(job: JobItem, attempt: number): Preparation {
    const { setup } = job.request;
    const virtualEnvironment = folderOf(job);
    const folder = workingFolderOf(job);
    return {
      jobId: job.id,
      attempt,
      environment: keyOf(job.id),
      setup:
        setup === undefined
          ? null
          : {
              command: setup.command,
              timeoutSeconds: setup.timeoutSeconds ?? DEFAULT_SETUP_TIMEOUT_SECONDS,
              folder,
              variables: {
                ...rankEnvironment(job, { user, virtualEnvironment, roleVariables }),
                PWD: folder,
              },
            },
    };
  }

  return {
    folderOf,
    async install(job, signal) {
      try {
        return await install(job, signal);
      } catch (error) {
        signal.throwIfAborted();
        return environmentFailure(`${job.request.requirements} is not installed: ${reasonOf(error)}`);
      }
    },
    async prepare(job, attempt, hosts, signal) {
      const { requirements, setup } = job.request;
      if (requirements === undefined && setup === undefined) return null;
      const plan = planOf(job, attempt);
      const failure = await askAll(plan, hosts, patiently(ask, clock), signal);
      // What is stored may be spoilt: the next attempt installs it again.
      if (failure?.reasonCode === "environment-failed" && plan.environment !== null)
        await files.discard(plan.environment).catch(() => undefined);
      return failure;
    },
  };
}

/**
 * Asks again where the node's agent is lost meanwhile, because it is restarted: the new one takes the request from the start. Gives up
 * when no agent is found for a while.
 */
const patiently =
  (ask: AskPreparation, clock: JobEnvironmentsDeps["clock"]): AskPreparation =>
  async (address, body, timeoutMs, signal) => {
    const endAtMs = clock.monotonicMs() + timeoutMs;
    let giveUpAtMs = clock.monotonicMs() + LOST_MS;
    for (;;) {
      const askedAtMs = clock.monotonicMs();
      try {
        return await ask(address, body, endAtMs - askedAtMs, signal);
      } catch (error) {
        const nowMs = clock.monotonicMs();
        // It had begun well: the time without an agent counts from its loss.
        if (nowMs - askedAtMs > CONNECT_MS) giveUpAtMs = nowMs + LOST_MS;
        const isOver = nowMs >= Math.min(giveUpAtMs, endAtMs);
        if (signal.aborted || isOver || !(error instanceof HostUnreachableError)) throw error;
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  };

/** Asks all hosts at once. The first failure ends the work on the others, which is over when this resolves, and is the answer. */
async function askAll(
  plan: Preparation,
  hosts: readonly Host[],
  ask: AskPreparation,
  signal: AbortSignal,
): Promise<PreparationFailure | null> {
  const body = Buffer.from(JSON.stringify(plan));
  const workMs = ENVIRONMENT_LIMITS.bringTimeoutMs + (plan.setup?.timeoutSeconds ?? 0) * 1_000;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  let first: PreparationFailure | null = null;
  const askOne = async ({ address }: Host): Promise<void> => {
    if (either.aborted) return;
    const failure = await ask(address, body, workMs + ANSWER_MS, either).catch((error: unknown) =>
      environmentFailure(`${address} did not get ready: ${reasonOf(error)}`, address),
    );
    if (failure === null || either.aborted) return;
    first = failure;
    failed.abort();
  };
  const concurrency = Math.min(
    AT_ONCE.most,
    Math.max(AT_ONCE.least, Math.floor(REQUEST_BYTES / body.length)),
  );
  await pMap(hosts, askOne, { concurrency });
  signal.throwIfAborted();
  return first;
}
