import { rmSync } from "node:fs";
import { newJob } from "../../../agent/contract/job.js";
import type { JobSource } from "../../../agent/contract/job-source.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { sendFolder } from "../../../scripts/cli/commands/source-options.js";
import { packFolder } from "../../../scripts/cli/jobs/pack.js";
import { processWorld } from "../../../scripts/cli/system/process-world.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { type Example, stageExample } from "./read.js";

const JOB_SECONDS = 240;

/** A job that has ended, and its log. */
interface Ran {
  readonly job: JobItem;
  readonly text: string;
}

/** A cluster of two local nodes that runs examples as a person would: a folder is sent, then a job with it submitted. */
export interface ExampleCluster {
  readonly cluster: ObservedCluster;
  send(folder: string): Promise<JobSource>;
  run(request: JobRequest): Promise<Ran>;
  /** The example with its own packages, by the runtime or else the cluster's. */
  runExample(example: Example, more?: Pick<JobRequest, "runtime">): Promise<Ran>;
}

/** Brings up a cluster of its own. */
export async function startExampleCluster(journey: Journey): Promise<ExampleCluster> {
  await goDown(journey);
  await goUp(journey);
  await deploy(journey, { nodes: 2, jobDefinitions: [] });
  await lookAtCluster(journey);
  const { cluster } = journey.seen;
  if (cluster === null) throw new Error("no cluster");
  return openExampleCluster(journey, cluster);
}

/** The cluster, which is there. */
export function openExampleCluster(
  { place }: Pick<Journey, "place">,
  cluster: ObservedCluster,
): ExampleCluster {
  const access = openAccess(place.workspace.org, place.workspace.region);
  let count = 0;
  const send = async (folder: string): Promise<JobSource> => {
    const packed = await packFolder(folder, processWorld("test"));
    await sendFolder(packed, cluster, access.bundles, () => undefined);
    return { bundle: packed.bundle };
  };
  const run = async (request: JobRequest): Promise<Ran> => {
    count += 1;
    const full = { timeoutSeconds: JOB_SECONDS, ...request };
    const job = newJob(cluster.uuid, `example-${count}`, full, new Date());
    await access.jobs.submit(job);
    const signal = AbortSignal.timeout(2 * JOB_SECONDS * 1000);
    const ended = await awaitEnd(access, cluster, job.id, 2 * JOB_SECONDS, { say: () => {}, signal });
    return { job: ended, text: (await readLog(access, ended)).toString() };
  };
  const runExample = async (example: Example, more: Pick<JobRequest, "runtime"> = {}): Promise<Ran> => {
    const staged = await stageExample(example);
    const source = await send(staged).finally(() => rmSync(staged, { recursive: true }));
    return run({ ...example.request, ...more, source });
  };
  return { cluster, send, run, runExample };
}
