import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { describeWait, queueAhead, withMissing } from "../../../agent/contract/job-wait.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { clusterWarnings } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { exitCodeOf } from "../jobs/exit-code.js";
import { clusterForJob, planJob, submitJob } from "../jobs/submit.js";
import { renderEnd, renderLogLines } from "../render/job.js";
import {
  type ClusterContext,
  clusterCommand,
  onCluster,
  type Session,
  type WaitOptions,
  withWait,
} from "./context.js";
import { followFrom, showEnd } from "./following.js";
import { type RunnableOptions, readRunnable, withRunnable } from "./runnable.js";
import { sendFolder } from "./source-options.js";

/** `muster job submit` */
export function addJobSubmit(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "submit", {
    summary: "submits a Python file or a command as a job, without waiting for it",
    more: [
      "Prints the job's id. With --wait it ends when the job has ended, with the job's exit code if it has one (1 to 125); `muster job run` shows",
      "the job's output too.",
    ].join("\n"),
    example: 'muster job submit --cluster alpha --idempotency-key "$CI_PIPELINE_ID" train.py --steps 100',
  });
  withWait(withRunnable(command), "until the job has ended", false);
  onCluster<RunnableOptions & WaitOptions>(command, session, async (context, options, ...args) => {
    const { planned, cluster } = await prepareJob(context, options, args);
    if (!options.wait) return submitOnly(planned, cluster, context);
    const { access, out, world } = context;
    const reference = { clusterUuid: cluster.uuid, jobId: planned.id };
    const before = async () => {
      const { job } = await submitJob(access.jobs, planned, world.now);
      await out.print([job.id]);
    };
    const job = await followFrom(context, reference, { before });
    await showEnd(context, reference, [renderEnd(job), ...renderLogLines(job)]);
    return exitCodeOf(job);
  });
}

/** The job that is to be submitted, and its cluster; nothing is submitted yet. */
export async function prepareJob(
  { access, out, place, world }: ClusterContext,
  options: RunnableOptions,
  args: readonly string[],
) {
  const what = await readRunnable(options, args, world);
  const { cluster, submittedBy } = await clusterForJob(access, place, world.now());
  for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
  if ("upload" in what) await sendFolder(what.upload, cluster, access.bundles, out.say);
  const key = options.idempotencyKey ?? randomUUID();
  const planned = await planJob(access.jobs, cluster, what, { key, now: world.now, submittedBy });
  return { planned, cluster };
}

/** Submits the job, prints its id, and says what it waits for and how to follow it. */
export async function submitOnly(
  planned: Parameters<typeof submitJob>[1],
  cluster: ClusterItem,
  { access, out, world, flags }: ClusterContext,
): Promise<number> {
  const { job, isNew } = await submitJob(access.jobs, planned, world.now);
  await out.print([job.id]);
  await out.document(job);
  const ahead = job.status === "NEW" ? queueAhead(await access.jobs.queue(cluster.uuid), job) : null;
  const before = isNew ? "" : `was submitted with this key at ${job.submittedAt}; `;
  const health = await withMissing(cluster, access.clusters.nodes);
  out.say(`job ${job.id}: ${before}${describeWait(job, health, ahead)}`);
  out.say(`follow it with \`muster job logs -f ${job.id}${flags}\``);
  return EXIT.done;
}
