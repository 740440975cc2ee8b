import { type Command, Option } from "commander";
import type { NodeAccess } from "../../../agent/contract/node-access.js";
import { findCluster } from "../core/clusters.js";
import { WAYS, type Way } from "../core/ssh.js";
import type { ClusterContext } from "./context.js";

/** Options of the commands that log in to nodes. */
export interface SshOptions {
  readonly via?: Way;
  readonly identity?: string;
}

export const withSsh = (command: Command): Command =>
  command
    .option("-i, --identity <file>", "the private key; default: the ssh-agent's, and ssh's usual files")
    .addOption(
      new Option(
        "--via <way>",
        "how: the public address, the private one (from inside the network), or Session Manager; default: public where there is one, else ssm",
      ).choices(WAYS),
    );

/** The cluster, and how each of its nodes is reached. */
export async function findNodes({ access, place }: Pick<ClusterContext, "access" | "place">) {
  const cluster = await findCluster(access, place);
  const nodes: readonly NodeAccess[] = await access.clusters.hosts(cluster);
  return { cluster, nodes };
}
