import type { Command } from "commander";
import { unusable } from "../core/exit.js";
import { chooseNode, chooseWay, planSsh, renderKnownHosts, requireHostKey } from "../core/ssh.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { findNodes, type SshOptions, withSsh } from "./ssh-options.js";

interface Options extends SshOptions {
  readonly node?: string;
}

/** `muster cluster ssh` */
export function addClusterSsh(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "ssh", {
    summary: "logs in to a node as the user muster, or runs a command there",
    more: [
      "Your public key must be in the cluster's access.sshKeys. The node's host key is the one that it has published in the registry.",
      "Words after -- are the command, which the node's shell reads, as with ssh. The exit status is ssh's own: the command's, or 255.",
    ].join("\n"),
    example: "muster cluster ssh --cluster alpha -- hostname",
  })
    .argument("[command...]", "what to run there; default: a login shell")
    .option("--node <node>", "its instance id, address or host name; default: the head node");
  onCluster<Options>(withSsh(command), session, async (context, options, ...words) => {
    const { world, place, out } = context;
    if (out.json) throw unusable(["--json: what a node prints is no document; leave --json out"]);
    const { cluster, nodes } = await findNodes(context);
    const node = chooseNode(nodes, cluster, options.node);
    requireHostKey(node);
    const via = chooseWay(node, options.via, world.programs);
    return world.programs.withFile(renderKnownHosts([node]), (knownHostsFile) =>
      world.programs.attach(
        planSsh({
          ...{ node, via, knownHostsFile, region: place.region, identity: options.identity },
          isBatch: false,
          command: words,
        }),
      ),
    );
  });
}
