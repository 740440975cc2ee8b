import type { Command } from "commander";
import pMap from "p-map";
import { clusterWarnings } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { renderClusters } from "../render/cluster.js";
import { onOrg, orgCommand, type Session } from "./context.js";

/** A cluster's nodes are read where some are missing. */
const READS_AT_ONCE = 4;

/** `muster cluster list` */
export function addClusterList(parent: Command, session: Session): void {
  const command = orgCommand(parent, "list", {
    summary: "lists the org's clusters",
    example: "muster cluster list --org demo --region us-east-1",
  });
  onOrg(command, session, async ({ access, out, place, world }) => {
    const clusters = await access.clusters.list();
    if (clusters.length === 0) out.say(`Org ${place.org} has no cluster in ${place.region}.`);
    await out.print(renderClusters(clusters, world.now()));
    await out.document({ clusters });
    const warnings = await pMap(clusters, (cluster) => clusterWarnings(cluster, access), {
      concurrency: READS_AT_ONCE,
    });
    for (const warning of warnings.flat()) out.say(warning);
    return EXIT.done;
  });
}
