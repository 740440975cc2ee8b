import type { Command } from "commander";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster cluster repair` */
export function addClusterRepair(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "repair", {
    summary: "lets failing nodes be replaced again, after the fleet was protected",
    more: "A fleet whose nodes fail one after the other is protected: no more failing nodes are replaced. Find out why they failed first: what\nthey have left is in the log bucket, under logs/CLUSTER/nodes/.",
    example: "muster cluster repair --cluster alpha",
  });
  onCluster(command, session, async ({ access, out, place }) => {
    const { uuid, name, protectedSince = null, replacements = [] } = await findCluster(access, place);
    const isRepaired = await access.clusters.repair(uuid);
    await out.print([
      protectedSince === null
        ? `Cluster ${name} was not protected; its ${replacements.length} replacements of late are forgotten.`
        : `Cluster ${name} was protected since ${protectedSince}: failing nodes are replaced again.`,
    ]);
    await out.document({ uuid, protectedSince, repaired: isRepaired });
    return isRepaired ? EXIT.done : EXIT.failed;
  });
}
