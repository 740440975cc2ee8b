import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { newJob } from "../../agent/contract/job.js";
import { clusterFolderPath, hostfilePath } from "../../agent/contract/names.js";
import type { ObservedCluster } from "../../agent/contract/nodes.js";
import type { JobItem, JobRequest } from "../../agent/contract/registry.js";
import type { Access } from "../../scripts/cli/core/ports.js";
import { placeJourney } from "../../scripts/journey/place.js";
import { createProgress } from "../../scripts/journey/progress.js";
import { nothingSeen } from "../../scripts/journey/report.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../scripts/journey/run.js";
import { findByName, openAccess } from "../../scripts/journey/steps.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { cloudUp } from "../../scripts/local/up.js";
import { setUp } from "../../scripts/setup/set-up.js";
import { waitFor } from "../../scripts/system/wait.js";
import { isOn, isWhole } from "./whole.js";

/** Small enough to be filled at once. */
const SIZES = { diskMb: 96, filesMb: 48 } as const;
const WHOLE_SECONDS = 120;
/**
 * Short, so that a replacement is seen; longer than any fault of the matrix whose node comes back. Many an hour: a run of all rows takes less, and
 * none is to fail for the nodes of those before.
 */
const REPLACEMENT = { afterMinutes: 1, bootMinutes: 1.5, perHour: 100 } as const;

/** A local cloud with one cluster, made for faults: its disks are small. */
export interface FaultCloud {
  readonly name: string;
  readonly region: string;
  readonly nodes: number;
  readonly access: Access;
  /** The cluster, once all its nodes are ready, and there, and no job runs. Throws WaitTimeoutError, with what is missing. */
  whole(): Promise<ObservedCluster>;
  /** The cluster as the registry has it now. */
  look(): Promise<ObservedCluster>;
  submit(request: JobRequest): Promise<JobItem>;
  /** The file system's root on this machine. */
  readonly files: string;
  /** The path of the cluster's hostfile, on this machine. */
  hostfileOf(clusterUuid: string): string;
  /** The folder of the attempts' records of a job, on this machine. */
  recordsOf(job: Pick<JobItem, "clusterUuid" | "id">): string;
  goDown(): Promise<readonly string[]>;
}

/** Brings up a cloud of that name with a cluster of `nodes` nodes; one that is left of a run before is removed. Takes a minute. */
export async function startFaultCloud(
  name: string,
  nodes: number,
  projectRoot: string,
  say: (line: string) => void,
): Promise<FaultCloud> {
  const journey = await prepare(name, projectRoot);
  const { workspace } = journey.place;
  await goDown(journey);
  await cloudUp({ name, region: workspace.region, nodes, sizes: SIZES, projectRoot, say });
  await goUp(journey);
  await deploy(journey, { nodes, jobDefinitions: [], replacement: REPLACEMENT });
  await lookAtCluster(journey);
  const access = openAccess(workspace.org, workspace.region);
  const { efs } = cloudPlaces(name);
  let count = 0;

  async function look(): Promise<ObservedCluster> {
    const cluster = await findByName(access, workspace.clusterName);
    if (cluster === null) throw new Error("the cluster is not in the registry");
    return cluster;
  }

  return {
    ...{ name, region: workspace.region, nodes, access, look, files: efs },
    whole: () =>
      waitFor({
        what: `${nodes} ready nodes`,
        timeoutSeconds: WHOLE_SECONDS,
        look,
        isDone: (cluster) => isWhole(cluster, nodes, (node) => isOn({ name }, node)),
        describe: (cluster) =>
          [
            describeNodes(cluster),
            ...cluster.nodes.filter((node) => !isOn({ name }, node)).map(({ id }) => `${id} has no power`),
          ].join(", "),
      }),
    async submit(request) {
      count += 1;
      const cluster = await look();
      const job = newJob(cluster.uuid, `fault-${process.pid}-${count}`, request, new Date());
      await access.jobs.submit(job);
      return job;
    },
    hostfileOf: (uuid) =>
      join(efs, fileSystemIn(efs), clusterFolderPath(uuid, "shared"), basename(hostfilePath(uuid))),
    recordsOf: ({ clusterUuid, id }) =>
      join(efs, fileSystemIn(efs), clusterFolderPath(clusterUuid, "agents"), "jobs", id),
    async goDown() {
      journey.seen.leftovers = null;
      await goDown(journey);
      return journey.seen.leftovers ?? [];
    },
  };
}

async function prepare(name: string, projectRoot: string): Promise<Journey> {
  const { env } = await setUp({ projectRoot, say: () => undefined });
  Object.assign(process.env, env);
  return {
    place: placeJourney(projectRoot, name, "us-east-1"),
    env,
    progress: createProgress(process.stderr, Date.now()),
    signal: new AbortController().signal,
    seen: nothingSeen(),
  };
}

/** The one file system of the org. */
function fileSystemIn(efs: string): string {
  const [only = "", ...more] = readdirSync(efs).filter((entry) => entry.startsWith("fs-"));
  if (only === "" || more.length > 0) throw new Error(`${more.length} file systems too many in ${efs}`);
  return only;
}

/** The nodes and what keeps each from being ready, in words. */
export const describeNodes = ({ clusterStatus, reason, nodes }: ObservedCluster): string =>
  `${clusterStatus}${reason === null ? "" : ` (${reason})`}: ${nodes
    .map(({ address, failingProbes }) => `${address} ${failingProbes.join("+") || "ready"}`)
    .join(", ")}`;
