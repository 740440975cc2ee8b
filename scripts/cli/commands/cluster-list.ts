import type { Command } from "commander";
import { pMapIterable } from "p-map";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { clusterWarnings } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { CLUSTER_HEADINGS, clusterRow } from "../render/cluster.js";
import { onOrg, orgCommand, type Session } from "./context.js";
import { createNotes, showList, tableView } from "./show-list.js";

/** A cluster's nodes are read where some are missing. */
const READS_AT_ONCE = 4;
const MOST_WARNINGS = 100;

/** `muster cluster list` */
export function addClusterList(parent: Command, session: Session): void {
  const command = orgCommand(parent, "list", {
    summary: "lists the org's clusters",
    example: "muster cluster list --org demo --region us-east-1",
  });
  onOrg(command, session, async ({ access, out, place, world }) => {
    const now = world.now();
    const warnings = createNotes(MOST_WARNINGS);
    const looked = pMapIterable(
      access.clusters.list(),
      async (cluster) => ({ cluster, its: await clusterWarnings(cluster, access) }),
      { concurrency: READS_AT_ONCE },
    );
    async function* clusters(): AsyncGenerator<ClusterItem> {
      for await (const { cluster, its } of looked) {
        warnings.add(its);
        yield cluster;
      }
    }
    const view = tableView("clusters", CLUSTER_HEADINGS, (cluster: ClusterItem) => [
      clusterRow(cluster, now),
    ]);
    const count = await showList(out, clusters(), view);
    if (count === 0) out.say(`Org ${place.org} has no cluster in ${place.region}.`);
    for (const warning of warnings.all((more) => `warning: and ${more} more like these`)) out.say(warning);
    return EXIT.done;
  });
}
