import type { JourneyPlace } from "../../../scripts/journey/place.js";
import { findByName, openAccess } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { firstInstance, LOOK_EVERY_MS } from "./bare.js";

/** Seconds from the first instance of as many machines to the last one. */
export interface Boot {
  readonly nodes: number;
  /** Of bare machines: sshd's banner. */
  readonly bannerSeconds: number;
  /** Of a cluster: the hostfile lists all nodes. */
  readonly hostfileSeconds: number;
}

const LIMIT_SECONDS = 300;

/** Seconds from the first instance that there is until the cluster's hostfile lists so many nodes, as the head says. */
export async function hostfileSeconds({ workspace }: JourneyPlace, nodes: number): Promise<number> {
  const fromMs = await firstInstance();
  const access = openAccess(workspace.org, workspace.region);
  await waitFor({
    ...{ what: `${nodes} nodes in the hostfile`, timeoutSeconds: LIMIT_SECONDS, everyMs: LOOK_EVERY_MS },
    look: () => findByName(access, workspace.clusterName),
    isDone: (cluster) => cluster?.hostfileNodes === nodes,
    describe: (cluster) => `${cluster?.hostfileNodes ?? 0} of ${nodes}`,
  });
  return (performance.now() - fromMs) / 1_000;
}
