import type { Command } from "commander";
import { awaitReady } from "../clusters/await-ready.js";
import { refuseSuperseded, resizeCluster } from "../clusters/resize.js";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import {
  clusterCommand,
  countOption,
  onCluster,
  type Session,
  type WaitOptions,
  withWait,
} from "./context.js";
import { waitFor } from "./waiting.js";

const MAX_NODES = 1_000;

interface Options extends WaitOptions {
  readonly nodes: number;
  readonly afterJob?: boolean;
}

/** `muster cluster resize` */
export function addClusterResize(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "resize", {
    summary: "gives a cluster another number of nodes, and waits until they are ready",
    more: [
      "While a job runs it is refused; with --after-job it waits until none runs. To shrink, the head ends the nodes",
      "that go, when no job uses them. Terraform's next plan shows the change of `nodes`, and its apply makes it what",
      "is declared. A parked cluster is resumed first.",
    ].join("\n"),
    example: "muster cluster resize --cluster alpha --nodes 4 --timeout 20m",
  })
    .addOption(countOption("--nodes <count>", "how many", MAX_NODES).makeOptionMandatory())
    .option("--after-job", "wait until no job runs, instead of refusing");
  withWait(command, "until the nodes are ready", true);
  onCluster<Options>(command, session, async (context, { nodes, afterJob = false, wait }) => {
    const { access, out, place, flags } = context;
    const cluster = await findCluster(access, place);
    const see = `\`muster cluster show${flags}\` says how far it is`;
    const last = await waitFor(
      context,
      `run the same again to go on with the resize; ${see}`,
      async (own) => {
        await resizeCluster(cluster, { nodes, afterJob }, own);
        return wait ? awaitReady(cluster.uuid, own) : access.clusters.read(cluster.uuid);
      },
    );
    refuseSuperseded(last, cluster.name, nodes);
    if (!wait) out.say(see);
    await out.document(last);
    return EXIT.done;
  });
}
