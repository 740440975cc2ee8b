import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { describeWait, queueAhead, withMissing } from "../../../agent/contract/job-wait.js";
import { clusterWarnings } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { clusterForJob, planJob, submitJob } from "../jobs/submit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { type RunnableOptions, readRunnable, withRunnable } from "./runnable.js";
import { sendFolder } from "./source-options.js";

/** `muster job submit` */
export function addJobSubmit(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "submit", {
    summary: "submits a Python file or a command as a job, without waiting for it",
    more: "Prints the job's id.",
    example: 'muster job submit --cluster alpha --idempotency-key "$CI_PIPELINE_ID" train.py --steps 100',
  });
  onCluster<RunnableOptions>(withRunnable(command), session, async (context, options, ...args) => {
    const { access, out, place, world, flags } = context;
    const what = await readRunnable(options, args, world);
    const { cluster, submittedBy } = await clusterForJob(access, place, world.now());
    for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    if ("upload" in what) await sendFolder(what.upload, cluster, access.bundles, out.say);
    const key = options.idempotencyKey ?? randomUUID();
    const planned = await planJob(access.jobs, cluster, what, { key, now: world.now, submittedBy });
    const { job, isNew } = await submitJob(access.jobs, planned, world.now);
    await out.print([job.id]);
    await out.document(job);
    const ahead = job.status === "NEW" ? queueAhead(await access.jobs.queue(cluster.uuid), job) : null;
    const before = isNew ? "" : `was submitted with this key at ${job.submittedAt}; `;
    const health = await withMissing(cluster, access.clusters.nodes);
    out.say(`job ${job.id}: ${before}${describeWait(job, health, ahead)}`);
    out.say(`follow it with \`muster job logs -f ${job.id}${flags}\``);
    return EXIT.done;
  });
}
