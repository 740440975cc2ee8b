import { placeJourney } from "../../scripts/journey/place.js";
import { createProgress } from "../../scripts/journey/progress.js";
import { nothingSeen } from "../../scripts/journey/report.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../scripts/journey/run.js";
import { ownCloud } from "../../scripts/local/own-cloud.js";
import { bareBoot } from "./boot/bare.js";
import { hostfileSeconds } from "./boot/measure.js";
import { type BenchCluster, openBenchCluster } from "./launch/cluster.js";

const CLOUD = "bench";

/** The clusters that a run measures on: one at a time, in a local cloud of its own. */
export interface BenchClusters {
  /** The one that stands, where it has so many nodes; else another is made in its place. */
  of(nodes: number): Promise<BenchCluster>;
  /** Removes what there is. May be called twice. */
  stop(): Promise<void>;
}

/** `env`: from the set-up. */
export function createClusters(projectRoot: string, env: Readonly<Record<string, string>>): BenchClusters {
  let standing: BenchCluster | null = null;
  let giveBack: (() => Promise<void>) | null = null;

  async function start(nodes: number): Promise<BenchCluster> {
    const journey = newJourney(projectRoot, env);
    giveBack ??= await ownCloud("npm run bench", CLOUD);
    await goDown(journey);
    journey.seen.leftovers = null;
    await goUp(journey, nodes);
    const bannerSeconds = await bareBoot(CLOUD, nodes);
    const [hostfile] = await Promise.all([
      hostfileSeconds(journey.place, nodes),
      deploy(journey, { nodes, jobDefinitions: [] }),
    ]);
    await lookAtCluster(journey);
    const { cluster } = journey.seen;
    if (cluster === null) throw new Error("The benchmark's cluster is not in the registry.");
    return openBenchCluster(journey.place, cluster, { nodes, bannerSeconds, hostfileSeconds: hostfile });
  }

  async function stop(): Promise<void> {
    standing = null;
    if (giveBack === null) return;
    await goDown(newJourney(projectRoot, env));
    await giveBack();
    giveBack = null;
  }

  return {
    async of(nodes) {
      if (standing?.boot.nodes === nodes) return standing;
      await stop();
      standing = await start(nodes);
      return standing;
    },
    stop,
  };
}

const newJourney = (projectRoot: string, env: Readonly<Record<string, string>>): Journey => ({
  place: placeJourney(projectRoot, CLOUD, "us-east-1"),
  env,
  progress: createProgress(process.stderr, Date.now()),
  signal: new AbortController().signal,
  seen: nothingSeen(),
});
