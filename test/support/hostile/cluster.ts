import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { jobIdFor, newJob } from "../../../agent/contract/job.js";
import { hostfilePath, jobFolder } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import type { Access } from "../../../scripts/cli/core/ports.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { requestAgent, startTestJourney } from "../journey.js";
import { type Leftovers, type NodeState, observeLeftovers, observeNode } from "./node-state.js";

interface EndedJob {
  readonly job: JobItem;
  readonly log: string;
}

/** A deployed cluster that jobs attack, as root and an honest user see it. */
export interface AttackedCluster {
  readonly journey: Journey;
  readonly cluster: ObservedCluster;
  /** Runs a job to its end, whatever that is. */
  run(request: JobRequest, idempotencyKey?: string): Promise<EndedJob>;
  /** What hostile programs know of the cluster, and of the next job, which has that key. */
  variables(nextKey?: string): Record<string, unknown>;
  /** All nodes', in the order of the cluster's. */
  observe(): Promise<NodeState[]>;
  /** Waits until nothing of any job is left on any node. Throws with what is left. */
  awaitNothingLeft(): Promise<void>;
  /** Waits until all nodes are ready, and the hostfile is right and a plain file. */
  awaitWhole(): Promise<void>;
}

const WAIT_SECONDS = 120;

/** Deploys a cluster of `nodes` nodes in a local cloud of its own. End it with `goDown`. */
export async function startAttackedCluster(cloudName: string, nodes: number): Promise<AttackedCluster> {
  const journey = await startTestJourney(cloudName);
  await goDown(journey);
  journey.seen.leftovers = null;
  await goUp(journey);
  await deploy(journey, { nodes, jobDefinitions: [] });
  await lookAtCluster(journey);
  const { cluster } = journey.seen;
  if (cluster === null) throw new Error("no cluster was seen");
  const { org, region } = journey.place.workspace;
  return attackedCluster(journey, cluster, openAccess(org, region));
}

function attackedCluster(journey: Journey, cluster: ObservedCluster, access: Access): AttackedCluster {
  const { place } = journey;
  const everywhere = <T>(look: (node: ObservedCluster["nodes"][number]) => Promise<T>): Promise<T[]> =>
    Promise.all(cluster.nodes.map(look));
  const statusOf = (node: ObservedCluster["nodes"][number]) =>
    requestAgent(place, node, { path: "/readyz" }).then(
      (reply) => String(reply.status),
      (error: Error) => error.message,
    );
  const hostfile = cluster.nodes.map(({ address, cores }) => `${address}:${cores}\n`).join("");
  const hostfileText = (): string =>
    readPlainFile(join(sharedFolder(place, cluster.uuid), basename(hostfilePath(cluster.uuid))));

  return {
    journey,
    cluster,
    async run(request, idempotencyKey = randomUUID()) {
      const job = newJob(cluster.uuid, idempotencyKey, request, new Date());
      await access.jobs.submit(job);
      const watch = { say: () => undefined, signal: journey.signal };
      const ended = await awaitEnd(access, cluster, job.id, 420, watch);
      const log = (await readLog(access, ended)).toString();
      return { job: ended, log };
    },
    variables: (nextKey = "none") => ({
      AGENTS: cluster.nodes.map(({ address }) => address),
      HOSTFILE: hostfilePath(cluster.uuid),
      NEXT: jobFolder(jobIdFor(cluster.uuid, nextKey)),
    }),
    observe: () => everywhere((node) => observeNode(place, node)),
    async awaitNothingLeft() {
      await waitFor({
        what: "everything of the job to be gone",
        timeoutSeconds: WAIT_SECONDS,
        look: () => everywhere((node) => observeLeftovers(place, node)),
        isDone: (seen) => seen.every(isNothing),
        describe: (seen) => JSON.stringify(seen),
      });
    },
    async awaitWhole() {
      await waitFor({
        what: "ready nodes and the right hostfile",
        timeoutSeconds: WAIT_SECONDS,
        look: async () => ({ ready: await everywhere(statusOf), hostfile: hostfileText() }),
        isDone: (seen) => seen.ready.every((status) => status === "200") && seen.hostfile === hostfile,
        describe: (seen) => `/readyz ${seen.ready}, hostfile ${JSON.stringify(seen.hostfile.slice(0, 200))}`,
      });
    },
  };
}

const isNothing = ({ processes, cgroups, sockets }: Leftovers): boolean =>
  processes.length + cgroups.length + sockets.length === 0;

/** The text of a plain file, or what is there instead: to open a pipe or a link that a job has put there could block. */
function readPlainFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return String(error);
  }
  try {
    return fstatSync(descriptor).isFile() ? readFileSync(descriptor, "utf8") : "no plain file";
  } finally {
    closeSync(descriptor);
  }
}
