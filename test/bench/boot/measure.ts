import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { placeJourney } from "../../../scripts/journey/place.js";
import { createProgress } from "../../../scripts/journey/progress.js";
import { nothingSeen } from "../../../scripts/journey/report.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import { findByName, openAccess } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import type { BenchSetting } from "../subject.js";
import { bareBoot, firstInstance } from "./bare.js";
import type { Boot } from "./report.js";

const CLOUD = "bench-boot";
const LIMIT_SECONDS = 300;

/**
 * Boots `nodes` bare machines and then a cluster of as many nodes, in a local cloud of its own; each counts from its first instance. `use`
 * gets the cluster while it stands.
 */
export async function measureBoot<T>(
  { projectRoot, ready }: BenchSetting,
  nodes: number,
  use: (journey: Journey, cluster: ObservedCluster) => Promise<T>,
): Promise<{ readonly boot: Boot; readonly used: T }> {
  const journey: Journey = {
    place: placeJourney(projectRoot, CLOUD, "us-east-1"),
    env: ready.env,
    progress: createProgress(process.stderr, Date.now()),
    signal: new AbortController().signal,
    seen: nothingSeen(),
  };
  await goDown(journey);
  try {
    await goUp(journey, nodes);
    const bannerSeconds = await bareBoot(CLOUD, nodes);
    const [hostfileSeconds] = await Promise.all([
      hostfileOf(journey, nodes),
      deploy(journey, { nodes, jobDefinitions: [] }),
    ]);
    await lookAtCluster(journey);
    const { cluster } = journey.seen;
    if (cluster === null) throw new Error("The benchmark's cluster is not in the registry.");
    return { boot: { nodes, bannerSeconds, hostfileSeconds }, used: await use(journey, cluster) };
  } finally {
    await goDown(journey);
  }
}

/** Seconds from the cluster's first instance until its hostfile lists all nodes, as the head says. */
async function hostfileOf({ place }: Journey, nodes: number): Promise<number> {
  const { org, region, clusterName } = place.workspace;
  const fromMs = await firstInstance();
  const access = openAccess(org, region);
  await waitFor({
    ...{ what: `${nodes} nodes in the hostfile`, timeoutSeconds: LIMIT_SECONDS, everyMs: 500 },
    look: () => findByName(access, clusterName),
    isDone: (cluster) => cluster?.hostfileNodes === nodes,
    describe: (cluster) => `${cluster?.hostfileNodes ?? 0} of ${nodes}`,
  });
  return (performance.now() - fromMs) / 1_000;
}
