import type { Command } from "commander";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { describeWait, queueAhead, withMissing } from "../../../agent/contract/job-wait.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import type { Access } from "../core/ports.js";
import { noSuchJob } from "../jobs/cancel.js";
import { renderJob } from "../render/job.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster job show` */
export function addJobShow(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "show", {
    summary: "shows a job with its attempts, and what it waits for",
    example: "muster job show job-0123456789abcdef0123 --cluster alpha",
  }).argument("<id>", "the job's id");
  onCluster(command, session, async ({ access, out, place }, _options, id = "") => {
    const cluster = await findCluster(access, place);
    const job = await access.jobs.read(cluster.uuid, id);
    if (job === null) throw noSuchJob(id, cluster.uuid);
    const attempts = await access.jobs.attempts(cluster.uuid, id);
    await out.print(renderJob(job, attempts, await waitOf(job, cluster, access)));
    await out.document({ ...job, attempts });
    for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    return EXIT.done;
  });
}

async function waitOf(
  job: JobItem,
  cluster: ClusterItem,
  { jobs, clusters }: Pick<Access, "jobs" | "clusters">,
): Promise<string | null> {
  if (isJobEnded(job.status)) return null;
  const ahead = job.status === "NEW" ? queueAhead(await jobs.queue(cluster.uuid), job) : null;
  return describeWait(job, await withMissing(cluster, clusters.nodes), ahead);
}
