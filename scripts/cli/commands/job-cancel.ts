import type { Command } from "commander";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { cancelJob, renderCancelled } from "../jobs/cancel.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster job cancel` */
export function addJobCancel(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "cancel", {
    summary: "cancels a job",
    more: "A waiting job is cancelled at once; a running one as soon as the head node has stopped it. For a job that has ended, the command fails.",
    example: "muster job cancel job-0123456789abcdef0123 --cluster alpha",
  }).argument("<id>", "the job's id");
  onCluster(command, session, async ({ access, out, place, world, flags }, _options, id = "") => {
    const cluster = await findCluster(access, place);
    access.jobs.approach(cluster.uuid);
    const job = await cancelJob(access.jobs, cluster.uuid, id, world.now());
    out.say(renderCancelled(job, flags));
    await out.document(job);
    return EXIT.done;
  });
}
