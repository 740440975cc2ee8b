import type { Command } from "commander";
import pMap from "p-map";
import type { NodeAccess } from "../../../agent/contract/node-access.js";
import { EXIT, refusal } from "../core/exit.js";
import { chooseWay, planSsh, renderKnownHosts, requireHostKey } from "../core/ssh.js";
import { type Check, checksOf, judge } from "../core/verify.js";
import { renderVerified, type VerifiedNode } from "../render/hosts.js";
import { type ClusterContext, clusterCommand, onCluster, type Session } from "./context.js";
import { findNodes, type SshOptions, withSsh } from "./ssh-options.js";

/** Each runs as many ranks as the cluster has cores. */
const NODES_AT_ONCE = 4;
const CHECK_TIMEOUT_MS = 60_000;

/** `muster cluster verify` */
export function addClusterVerify(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "verify", {
    summary: "checks from every node that commands run across the cluster",
    more: [
      "It logs in to each node as `muster cluster ssh` does, and runs three commands there: it lists the hostfile, runs `hostname` on every",
      "core with mpiexec, and `python --version`. Each has 60 s. Exit status: 1 if one of them fails anywhere.",
    ].join("\n"),
    example: "muster cluster verify --cluster alpha",
  });
  onCluster<SshOptions>(withSsh(command), session, async (context, options) => {
    const { out, signal } = context;
    const { cluster, nodes } = await findNodes(context);
    if (nodes.length === 0 || cluster.cores === 0)
      throw refusal(
        `Cluster ${cluster.name} has no node in its hostfile: there is nothing to verify. \`muster cluster show\` says more.`,
      );
    const checks = checksOf(cluster);
    const verified = await context.world.programs.withFile(renderKnownHosts(nodes), (knownHostsFile) =>
      pMap(nodes, (node) => verifyNode(node, checks, { context, options, knownHostsFile }), {
        concurrency: NODES_AT_ONCE,
        signal,
      }),
    );
    await out.print(renderVerified(verified));
    await out.document({ uuid: cluster.uuid, name: cluster.name, nodes: verified });
    const failed = verified.filter(({ isOk }) => !isOk);
    out.say(
      failed.length === 0
        ? `All ${verified.length} nodes of ${cluster.name} run commands across the cluster.`
        : `${failed.length} of ${verified.length} nodes of ${cluster.name} fail.`,
    );
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  });
}

interface Verifying {
  readonly context: ClusterContext;
  readonly options: SshOptions;
  readonly knownHostsFile: string;
}

/** One check after another; after the first that fails to connect, the others would fail likewise, and are not tried. */
async function verifyNode(
  node: NodeAccess,
  checks: readonly Check[],
  { context, options, knownHostsFile }: Verifying,
): Promise<VerifiedNode> {
  const { world, place, signal } = context;
  requireHostKey(node);
  const via = chooseWay(node, options.via, world.programs);
  const call = { node, via, knownHostsFile, region: place.region, identity: options.identity, isBatch: true };
  const results: VerifiedNode["checks"][number][] = [];
  let unreached: string | null = null;
  for (const check of checks) {
    const { name, command } = check;
    if (unreached !== null) {
      results.push({ name, command, problem: unreached });
      continue;
    }
    const argv = planSsh({ ...call, command: [command] });
    const end = await world.programs.run(argv, { timeoutMs: CHECK_TIMEOUT_MS, signal });
    signal.throwIfAborted();
    const problem = judge(check, end, CHECK_TIMEOUT_MS);
    results.push({ name, command, problem });
    if (end.exitCode === SSH_FAILED) unreached = "ssh did not reach the node";
  }
  const { id, address } = node;
  return { id, address, via, isOk: results.every(({ problem }) => problem === null), checks: results };
}

/** ssh's own status where it has no connection; none of the three commands ends so. */
const SSH_FAILED = 255;
