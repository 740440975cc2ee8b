import type { Command } from "commander";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { renderEnd, renderLogLines } from "../render/job.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { followFrom, showEnd } from "./following.js";

/** `muster job wait` */
export function addJobWait(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "wait", {
    summary: "waits until a job has ended",
    more: "Exit status: 0 if the job FINISHED, else 1. The command shows what the job waits for.",
    example: "muster job wait job-0123456789abcdef0123 --cluster alpha --timeout 2h",
  }).argument("<id>", "the job's id");
  onCluster(command, session, async (context, _options, id = "") => {
    const { access, out } = context;
    const cluster = await findCluster(access, context.place);
    for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    const reference = { clusterUuid: cluster.uuid, jobId: id };
    const job = await followFrom(context, reference);
    await showEnd(context, reference, [renderEnd(job), ...renderLogLines(job)]);
    return job.status === "FINISHED" ? EXIT.done : EXIT.failed;
  });
}
