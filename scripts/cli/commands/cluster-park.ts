import type { Command } from "commander";
import { endJobs, parkCluster } from "../clusters/park.js";
import { findCluster, refuseClosed } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { waitFor } from "./waiting.js";

/** `muster cluster park` */
export function addClusterPark(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "park", {
    summary: "gives a cluster's nodes up until there is work again; /shared and all records stay",
    more: [
      "While a job runs or waits it is refused; with --cancel-jobs they are cancelled first, and it waits for their end.",
      "Terraform's plan stays empty. Instances go within minutes after it; a submitted job, `muster cluster resume`",
      "or a job definition's schedule gets new ones.",
    ].join("\n"),
    example: "muster cluster park --cluster alpha",
  }).option("--cancel-jobs", "cancel the jobs that run or wait, instead of refusing");
  onCluster<{ readonly cancelJobs?: boolean }>(command, session, async (context, options) => {
    const { access, out, place, flags } = context;
    const cluster = await findCluster(access, place);
    refuseClosed(cluster);
    const goesOn =
      "the jobs that were cancelled end all the same, and the cluster is not parked; run the same again to go on";
    if (options.cancelJobs) await waitFor(context, goesOn, (own) => endJobs(cluster, own));
    const parked = await parkCluster(cluster, context);
    out.say(
      `cluster ${cluster.name} is ${parked.clusterStatus}; resume it with \`muster cluster resume${flags}\``,
    );
    await out.document(parked);
    return EXIT.done;
  });
}
