import { isClosed } from "../../../agent/contract/cluster-state.js";
import { missingNodes, withMissing } from "../../../agent/contract/job-wait.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { failure, TransientError } from "../core/exit.js";
import type { Output } from "../core/output.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";

export interface AwaitReadyDeps {
  readonly access: Pick<Access, "clusters">;
  readonly out: Pick<Output, "say">;
  readonly world: Pick<World, "sleep">;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 2_000;

/**
 * Waits until all wanted nodes are ready, and says what it waits for. It has no limit but --timeout: where capacity is short, Auto Scaling
 * tries on. Throws where the cluster FAILED, is parked or is removed meanwhile.
 */
export async function awaitReady(
  uuid: string,
  { access, out, world, signal }: AwaitReadyDeps,
): Promise<ClusterItem> {
  let shown = "";
  const show = (line: string): void => {
    if (line !== shown) out.say(line);
    shown = line;
  };
  for (;;) {
    signal.throwIfAborted();
    try {
      const cluster = await access.clusters.read(uuid);
      if (cluster === null || isClosed(cluster))
        throw failure(`Cluster ${uuid} is being removed, or is gone.`);
      const { name, clusterStatus, reason } = cluster;
      if (clusterStatus === "FINISHED" && cluster.hostfileNodes >= cluster.desiredNodes) {
        out.say(`cluster ${name} is ready: ${cluster.hostfileNodes} nodes with ${cluster.cores} cores`);
        return cluster;
      }
      if (clusterStatus === "FAILED" || clusterStatus === "PARKED")
        throw failure(`Cluster ${name} is ${clusterStatus}: ${reason ?? "no reason is recorded"}.`);
      const missing = missingNodes(await withMissing(cluster, access.clusters.nodes));
      show(
        `cluster ${name} is ${clusterStatus}: ${missing ?? "all nodes are there, and its head looks at them"}`,
      );
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      show(`can't read the cluster at the moment: ${error.message}`);
    }
    await world.sleep(LOOK_EVERY_MS, signal);
  }
}
