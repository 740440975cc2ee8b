import type { Command } from "commander";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT, refusal } from "../core/exit.js";
import type { JobState } from "../core/ports.js";
import { noSuchJob } from "../jobs/cancel.js";
import { deliverLog } from "../jobs/deliver.js";
import { type ClusterContext, clusterCommand, onCluster, type Session } from "./context.js";
import { followFrom } from "./following.js";

/** `muster job logs` */
export function addJobLogs(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "logs", {
    summary: "writes a job's log to stdout, byte for byte",
    more: "The log is available when the job has ended; -f waits for that. With --json, it prints where the log is.",
    example: "muster job logs -f job-0123456789abcdef0123 --cluster alpha",
  })
    .argument("<id>", "the job's id")
    .option("-f, --follow", "wait for the job's end first");
  onCluster<{ readonly follow?: boolean }>(command, session, async (context, { follow = false }, id = "") => {
    const { access, out } = context;
    const cluster = await findCluster(access, context.place);
    const job = follow ? await followed(context, cluster, id) : await ended(context, cluster.uuid, id);
    await out.document({ jobId: job.id, status: job.status, log: job.log, lastLines: job.lastLines });
    if (out.json) return job.log === null ? EXIT.failed : EXIT.done;
    await deliverLog(job, context);
    return job.log === null ? EXIT.failed : EXIT.done;
  });
}

async function followed(
  context: ClusterContext,
  cluster: Awaited<ReturnType<typeof findCluster>>,
  id: string,
): Promise<JobState> {
  for (const warning of await clusterWarnings(cluster, context.access)) context.out.say(warning);
  return followFrom(context, { clusterUuid: cluster.uuid, jobId: id });
}

async function ended({ access, flags }: ClusterContext, clusterUuid: string, id: string): Promise<JobState> {
  const job = await access.jobs.observe(clusterUuid, id);
  if (job === null) throw noSuchJob(id, clusterUuid);
  if (isJobEnded(job.status)) return job;
  throw refusal(
    `Job ${id} is ${job.status}, ${job.phase}: its log is available when the job has ended. Wait for it with \`muster job logs -f ${id}${flags}\`.`,
  );
}
