import type { Command } from "commander";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { cancelJob, renderCancelled } from "../jobs/cancel.js";
import { renderEnd } from "../render/job.js";
import { clusterCommand, onCluster, type Session, type WaitOptions, withWait } from "./context.js";
import { followFrom, showEnd } from "./following.js";

/** `muster job cancel` */
export function addJobCancel(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "cancel", {
    summary: "cancels a job",
    more: [
      "A waiting job is cancelled at once; a running one as soon as the head node has stopped it. For a job that has ended, the command fails.",
      "With --wait the exit status is 1 where the job has ended by itself before it was stopped.",
    ].join("\n"),
    example: "muster job cancel job-0123456789abcdef0123 --cluster alpha",
  }).argument("<id>", "the job's id");
  withWait(command, "until a running job has ended", false);
  onCluster<WaitOptions>(command, session, async (context, { wait }, id = "") => {
    const { access, out, place, world, flags } = context;
    const { uuid } = await findCluster(access, place);
    access.jobs.approach(uuid);
    const job = await cancelJob(access.jobs, uuid, id, world.now());
    if (!wait || isJobEnded(job.status)) {
      out.say(renderCancelled(job, flags));
      await out.document(job);
      return EXIT.done;
    }
    const reference = { clusterUuid: uuid, jobId: id };
    const ended = await followFrom(context, reference);
    await showEnd(context, reference, [renderEnd(ended)]);
    return ended.status === "CANCELLED" ? EXIT.done : EXIT.failed;
  });
}
