import type { Command } from "commander";
import { hostfilePath } from "../../../agent/contract/names.js";
import { EXIT } from "../core/exit.js";
import { renderHosts } from "../render/hosts.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { findNodes } from "./ssh-options.js";

/** `muster cluster hosts` */
export function addClusterHosts(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "hosts", {
    summary: "lists the addresses of a cluster's nodes, its UUID and its hostfile",
    example: "muster cluster hosts --cluster alpha",
  });
  onCluster(command, session, async (context) => {
    const { out } = context;
    const { cluster, nodes } = await findNodes(context);
    const { uuid, name, cores } = cluster;
    const hosts = { uuid, name, hostfile: hostfilePath(uuid), cores, nodes };
    if (nodes.length === 0) out.say(`Cluster ${name} has no nodes.`);
    await out.print(renderHosts(hosts));
    await out.document(hosts);
    return EXIT.done;
  });
}
