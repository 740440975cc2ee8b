import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isUsable } from "../../../agent/contract/node-state.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { type JourneyPlace, placeJourney, useCloud } from "../../../scripts/journey/place.js";
import { deploy, goDown, goUp, lookAtCluster } from "../../../scripts/journey/run.js";
import { findByName, openAccess } from "../../../scripts/journey/steps.js";
import { DEFAULT_REGION, readRunning } from "../../../scripts/local/state.js";
import { runCommand } from "../../../scripts/system/command.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { startTestJourney } from "../journey.js";
import { SHARED_CLOUD } from "./place.js";

const NODES = 2;
/** A file that breaks nodes waits for them in its own afterAll: its failure is to be its own. */
const LEAVE_SECONDS = 90;
const ATTACH_SECONDS = 15;

/** Where it is. There is no more of a journey: what deploys and destroys is no file's. */
export interface SharedJourney {
  readonly place: JourneyPlace;
}

/** The private key that may log in to its nodes. */
export const sharedKeyFile = ({ workspace }: JourneyPlace): string => join(workspace.folder, "ssh-key");

/** A new key, whose public half this gives. */
async function makeKey(place: JourneyPlace): Promise<string> {
  const file = sharedKeyFile(place);
  mkdirSync(place.workspace.folder, { recursive: true });
  await runCommand(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file], {
    timeoutSeconds: 20,
  });
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** The cluster that the test files of jobs share, as it was when this file began. */
export interface SharedCluster {
  readonly journey: SharedJourney;
  readonly cluster: ObservedCluster;
}

/**
 * For beforeAll: the shared cluster of two nodes, whole and without a waiting job. The first file of a worker deploys it, and
 * so does the one after a file that left it broken; jest takes it down at the run's end. Other files' ended jobs are in its
 * registry: keys, definitions and paths on /shared are to be a file's own.
 */
export async function useSharedCluster(): Promise<SharedCluster> {
  const place = placeJourney(join(__dirname, "../../.."), SHARED_CLOUD, DEFAULT_REGION);
  // What is deployed is this run's: to set the machine up and build once more would take seconds for nothing.
  return { journey: { place }, cluster: (await attach(place)) ?? (await deployAnew()) };
}

/** For afterAll: fails unless the file leaves all nodes ready, the hostfile complete, and no job that has not ended. */
export async function leaveSharedCluster({ place }: SharedJourney): Promise<void> {
  await awaitIdle(place, LEAVE_SECONDS);
}

async function attach(place: JourneyPlace): Promise<ObservedCluster | null> {
  if (readRunning(SHARED_CLOUD) === null) return null;
  useCloud(place);
  try {
    return await awaitIdle(place, ATTACH_SECONDS);
  } catch (error) {
    process.stderr.write(`a new shared cluster, because of the one there: ${(error as Error).message}\n`);
    return null;
  }
}

async function deployAnew(): Promise<ObservedCluster> {
  const journey = await startTestJourney(SHARED_CLOUD);
  await goDown(journey);
  journey.seen.leftovers = null;
  await goUp(journey);
  const access = { sshKeys: [await makeKey(journey.place)], allowFrom: ["10.0.0.0/8"] };
  await deploy(journey, { nodes: NODES, jobDefinitions: [], access });
  await lookAtCluster(journey);
  if (journey.seen.cluster === null) throw new Error("no cluster");
  return journey.seen.cluster;
}

async function awaitIdle({ workspace }: JourneyPlace, timeoutSeconds: number): Promise<ObservedCluster> {
  const { org, region, clusterName } = workspace;
  const access = openAccess(org, region);
  const { cluster } = await waitFor({
    what: `the shared cluster's ${NODES} nodes to be ready, and its jobs to have ended`,
    timeoutSeconds,
    look: async () => {
      const cluster = await findByName(access, clusterName);
      if (cluster === null) throw new Error(`no cluster ${clusterName} is in the registry`);
      return { cluster, queue: await access.jobs.queue(cluster.uuid) };
    },
    isDone: ({ cluster, queue }) => isWhole(cluster) && queue.length === 0,
    describe: ({ cluster, queue }) =>
      [
        `${cluster.clusterStatus}, ${cluster.hostfileNodes} nodes in the hostfile`,
        ...cluster.nodes.map(({ address, state }) => `${address} ${state}`),
        `${queue.length} jobs in the queue`,
      ].join(", "),
  });
  return cluster;
}

const isWhole = ({ clusterStatus, nodes, hostfileNodes }: ObservedCluster): boolean =>
  clusterStatus === "FINISHED" &&
  hostfileNodes === NODES &&
  nodes.length === NODES &&
  nodes.every((node) => isUsable(node));
