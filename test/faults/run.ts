import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AttemptItem } from "../../agent/contract/job-attempt.js";
import { isJobEnded } from "../../agent/contract/job-state.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { JobItem } from "../../agent/contract/registry.js";
import { WaitTimeoutError } from "../../agent/contract/wait.js";
import { fileRequest } from "../../scripts/journey/steps.js";
import { waitFor } from "../../scripts/system/wait.js";
import { aftermath, awaitReplacement } from "./aftermath.js";
import { describeNodes, type FaultCloud } from "./cloud.js";
import type { Fault, Injector, Row, State } from "./fault.js";
import { runIdle } from "./idle.js";
import { createInjector } from "./inject.js";
import { whatIsLeft } from "./left.js";
import { logProblems } from "./log-check.js";
import { rankProblems } from "./ranks.js";
import { watchRejoin } from "./rejoin.js";
import { differences } from "./report.js";

/** The longest that a job takes here: a head that is lost, and the pause before the next attempt. */
const END_SECONDS = 180;
const LOG_SECONDS = 90;

/** What a job gets whose last output is being delivered when the fault strikes. */
const DELIVERING_SECONDS = 2;

/** What comes of the job of a fault that strikes when its processes have ended. */
const DELIVERED = { status: "FINISHED", reasonCodes: [null], withinSeconds: null } as const;

/** Does the fault to the cluster in that state. As runJob. */
export function runFault(fault: Fault, state: State, cloud: FaultCloud, program: string): Promise<Row> {
  if (state === "idle") return runIdle(fault, cloud);
  if (state === "running") return runJob(fault, cloud, program);
  const { heal } = fault;
  // There is no second attempt that the healing could wait for.
  const late = heal?.after === "second attempt runs" ? { act: heal.act } : heal;
  const job = {
    jobSeconds: DELIVERING_SECONDS,
    expected: DELIVERED,
    ...(late === undefined ? {} : { heal: late }),
  };
  return runJob({ ...fault, ...job }, cloud, program, true);
}

/**
 * Runs a job on the whole cloud, does the fault to it, and says what has come of it. `program` is the path of checks-in.py. Throws where
 * the job does not come to its end, or the cloud is not whole before it; the fault is healed then too.
 */
async function runJob(fault: Fault, cloud: FaultCloud, program: string, isLate = false): Promise<Row> {
  const cluster = await cloud.whole();
  const into = createInjector(cloud, cluster);
  const job = await cloud.submit({
    ...fileRequest(program, [String(fault.jobSeconds)]),
    timeoutSeconds: 600,
    ...(fault.retries === undefined ? {} : { retries: { count: fault.retries, delaySeconds: 0 } }),
  });
  await checksIn(cloud, job);
  try {
    if (isLate) await delivers(into, cloud, job);
    return await strike(fault, into, cloud, { cluster, job, isLate });
  } catch (error) {
    await fault.heal?.act(into).catch(() => undefined);
    // The next fault needs the nodes.
    await cloud.access.jobs.requestCancel(job.clusterUuid, job.id).catch(() => undefined);
    throw error;
  } finally {
    await into.breakS3(false);
  }
}

async function strike(
  fault: Fault,
  into: Injector,
  cloud: FaultCloud,
  {
    cluster,
    job,
    isLate,
  }: { readonly cluster: ObservedCluster; readonly job: JobItem; readonly isLate: boolean },
): Promise<Row> {
  const struckAtMs = Date.now();
  await fault.inject(into);
  const healing = healInTime(fault, into, cloud, job);
  // What goes wrong with it is thrown below.
  healing.catch(() => undefined);
  const ranks = isLate ? [] : await rankProblems(fault, into, cloud, struckAtMs);
  if (isLate) {
    await sleep(LATE_MS);
    await into.breakS3(false);
  }
  const ended = await until(cloud, job, isJobEndedItem, "the job to end", END_SECONDS);
  await healing;
  const isLogKnown = ({ logState }: JobItem) => logState !== "pending";
  const delivered = await until(cloud, ended, isLogKnown, "its log", LOG_SECONDS);
  const rejoin = fault.heal?.after === undefined ? await heal(fault, into, cloud) : [];
  await awaitReplacement(fault, into, cloud);
  const left = await whatIsLeft(cloud, cluster.nodes, cloud.recordsOf(job));
  const unready = await untilWhole(cloud);
  const attempts = await cloud.access.jobs.attempts(cluster.uuid, job.id);
  const logs: string[] = [];
  for (const attempt of attempts) logs.push(...(await logProblems(cloud.region, attempt, fault.expected)));
  const state: State = isLate ? "delivering" : "running";
  const row = {
    fault: fault.name,
    state,
    ...outcome(delivered, attempts, struckAtMs, isLate),
    left: [...left, ...unready],
  };
  const after = unready.length > 0 ? [] : await aftermath(fault, into, cloud);
  return { ...row, differs: [...differences(row, fault.expected), ...ranks, ...rejoin, ...logs, ...after] };
}

/** How long S3 still fails after the fault: longer than a job's end waits for its last output. */
const LATE_MS = 4_000;

/** Waits until the job's processes have ended, and its last output can't be delivered. */
async function delivers(into: Injector, cloud: FaultCloud, job: JobItem): Promise<void> {
  await into.breakS3(true);
  const isDelivering = ({ phase, status }: JobItem) => phase === "delivering" || isJobEnded(status);
  await until(cloud, job, isDelivering, "its last output to be delivered", END_SECONDS);
}

const isJobEndedItem = ({ status }: JobItem): boolean => isJobEnded(status);

function outcome(job: JobItem, attempts: readonly AttemptItem[], struckAtMs: number, isLate: boolean) {
  const [first] = attempts;
  // Its processes have ended before its log is delivered.
  const times: Readonly<Record<string, string | undefined>> = first?.phaseTimes ?? {};
  const endedAtMs = Date.parse((isLate ? undefined : times["delivering"]) ?? first?.endedAt ?? "");
  return {
    status: job.status,
    reasonCode: first?.reasonCode ?? null,
    reason: first?.reason ?? null,
    attempts: attempts.length,
    seconds: (endedAtMs - struckAtMs) / 1000,
  };
}

/** Waits until the job's program has printed: its ranks compute then. */
async function checksIn(cloud: FaultCloud, job: JobItem): Promise<void> {
  const output = join(cloud.recordsOf(job), "1", "output.log");
  await waitFor({
    what: "the job to compute",
    timeoutSeconds: 60,
    everyMs: 100,
    look: () => (existsSync(output) ? readFileSync(output, "utf8") : ""),
    isDone: (text) => text.includes("step 3\n"),
    describe: (text) => text.slice(-200),
  });
}

async function until(
  cloud: FaultCloud,
  { clusterUuid, id }: Pick<JobItem, "clusterUuid" | "id">,
  isDone: (job: JobItem) => boolean,
  what: string,
  timeoutSeconds: number,
): Promise<JobItem> {
  return waitFor({
    ...{ what, timeoutSeconds, everyMs: 250, isDone },
    look: async () => {
      const job = await cloud.access.jobs.read(clusterUuid, id);
      if (job === null) throw new Error("the job is not in the registry any more");
      return job;
    },
    describe: ({ status, phase, reason, logState, logReason }) =>
      `${status}, ${phase} (${reason}), log ${logState} (${logReason})`,
  });
}

/** Heals a fault that lasts for a while, while the job runs or its log waits. */
async function healInTime(
  { heal: healing }: Fault,
  into: Injector,
  cloud: FaultCloud,
  job: JobItem,
): Promise<void> {
  if (healing?.after === undefined) return;
  if (healing.after !== "second attempt runs") await sleep(healing.after.seconds * 1000);
  else {
    const isSecond = ({ attempt, phase }: JobItem) => attempt === 2 && phase === "running";
    await until(cloud, job, isSecond, "its second attempt to run", END_SECONDS);
  }
  await healing.act(into);
}

/** Heals a fault that has ended the job, and says what is wrong with how its node comes back. */
async function heal({ heal: healing }: Fault, into: Injector, cloud: FaultCloud): Promise<readonly string[]> {
  if (healing === undefined) return [];
  const watch = watchRejoin(cloud, [into.node("head"), into.node("worker")]);
  await healing.act(into);
  return watch;
}

/** What keeps the cloud from being whole again after its time, in words. */
async function untilWhole(cloud: FaultCloud): Promise<readonly string[]> {
  try {
    await cloud.whole();
    return [];
  } catch (error) {
    if (!(error instanceof WaitTimeoutError)) throw error;
    const cluster: ObservedCluster = await cloud.look();
    return [describeNodes(cluster)];
  }
}
