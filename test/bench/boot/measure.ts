import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { hostfilePath } from "../../../agent/contract/names.js";
import { type JourneyPlace, sharedFolder } from "../../../scripts/journey/place.js";
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

/**
 * Seconds from the first instance that there is until the cluster's hostfile lists so many nodes. It looks at the file itself, as at the
 * consoles of bare machines: who asks the account each time takes a part of the processors that the nodes boot on.
 */
export async function hostfileSeconds(
  { workspace, cloudName }: JourneyPlace,
  nodes: number,
): Promise<number> {
  const fromMs = await firstInstance();
  // It is declared before its fleet is.
  const cluster = await findByName(openAccess(workspace.org, workspace.region), workspace.clusterName);
  if (cluster === null)
    throw new Error(`cluster ${workspace.clusterName} has nodes and is not in the registry`);
  const { uuid } = cluster;
  await waitFor({
    ...{ what: `${nodes} nodes in the hostfile`, timeoutSeconds: LIMIT_SECONDS, everyMs: LOOK_EVERY_MS },
    look: () => listedIn(join(sharedFolder({ cloudName }, uuid), basename(hostfilePath(uuid)))),
    isDone: (listed) => listed === nodes,
    describe: (listed) => `${listed} of ${nodes}`,
  });
  return (performance.now() - fromMs) / 1_000;
}

/** How many nodes a hostfile lists; none where there is no file yet. */
const listedIn = (path: string): number =>
  existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").length : 0;
