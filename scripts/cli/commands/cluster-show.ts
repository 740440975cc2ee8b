import type { Command } from "commander";
import { viewBudget } from "../../../agent/contract/budget.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { renderCluster } from "../render/cluster.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster cluster show` */
export function addClusterShow(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "show", {
    summary: "shows a cluster and its nodes, as last reported by its head node",
    example: "muster cluster show --cluster alpha",
  });
  onCluster(command, session, async ({ access, out, place, world }) => {
    const found = await findCluster(access, place);
    const cluster = { ...found, nodes: await access.clusters.nodes(found) };
    await out.print(renderCluster(cluster, world.now()));
    const budgetNow = viewBudget(cluster, world.now());
    await out.document(budgetNow === null ? cluster : { ...cluster, budgetNow });
    for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    if (budgetNow?.reason) out.say(`warning: ${budgetNow.reason} (${budgetNow.reasonCode})`);
    return EXIT.done;
  });
}
