import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { awaitReady } from "../../../scripts/cli/clusters/await-ready.js";
import { resizeCluster } from "../../../scripts/cli/clusters/resize.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { findByName, openAccess, readHostfile, readLog, runJob } from "../../../scripts/journey/steps.js";
import { clock, waitFor } from "../../../scripts/system/wait.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const said: string[] = [];
const say = (line: string) => {
  said.push(line);
  process.stderr.write(`${line}\n`);
};
/** Each rank says that it runs, and waits until it may end. */
const WAITS = `
import os, pathlib, time
from mpi4py import MPI
comm = MPI.COMM_WORLD
comm.Barrier()
if comm.rank == 0:
    pathlib.Path("/shared/resize-runs").touch()
while not os.path.exists("/shared/resize-ends"):
    time.sleep(0.2)
nodes = len(set(comm.allgather(MPI.Get_processor_name())))
if comm.rank == 0:
    print(nodes)
`;

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const place = () => journey.place.workspace;
const access = () => openAccess(place().org, place().region);
const inShared = (name: string) => join(sharedFolder(journey.place, cluster.uuid), name);
const hosts = () => readHostfile(sharedFolder(journey.place, cluster.uuid), cluster).trim().split("\n");
const idsOf = ({ nodes }: ObservedCluster) => nodes.map(({ id }) => id).sort();

async function group() {
  const scaling = new AutoScalingClient({ region: place().region });
  const { AutoScalingGroups = [] } = await scaling.send(new DescribeAutoScalingGroupsCommand({}));
  scaling.destroy();
  const own = AutoScalingGroups.find(({ AutoScalingGroupName: name }) => name === cluster.fleet?.group);
  return { desired: own?.DesiredCapacity, max: own?.MaxSize };
}

async function resizeTo(nodes: number): Promise<ObservedCluster> {
  const context = {
    ...{ access: access(), out: { say }, signal: new AbortController().signal },
    world: { now: () => new Date(), sleep: clock.sleep },
  };
  await resizeCluster(cluster, { nodes, afterJob: true }, context);
  await awaitReady(cluster.uuid, context);
  return once("its nodes to be listed", ({ nodes: listed }) => listed.length === nodes);
}

const once = (what: string, isDone: (seen: ObservedCluster) => boolean): Promise<ObservedCluster> =>
  waitFor({
    ...{ what, timeoutSeconds: 120, say, isDone },
    look: async () => {
      const seen = await findByName(access(), place().clusterName);
      if (seen === null) throw new Error("the cluster is not in the registry");
      return seen;
    },
    describe: ({ clusterStatus, phase, reason }) => `${clusterStatus}, ${phase} (${reason})`,
  });

test(
  "a cluster that shrinks while a job runs keeps all its nodes until the job has ended, and its head's node after that",
  async () => {
    const large = await resizeTo(3);
    expect([large.hostfileNodes, hosts().length, await group()]).toEqual([3, 3, { desired: 3, max: 3 }]);

    const signal = new AbortController().signal;
    const request = { command: ["-c", WAITS], timeoutSeconds: 240 };
    const job = runJob(access(), cluster, request, { say, signal });
    await waitFor({
      ...{ what: "the job's ranks to run", timeoutSeconds: 60, isDone: Boolean, describe: String },
      look: () => existsSync(inShared("resize-runs")),
    });
    const shrinking = resizeTo(2);
    const held = await once(
      "a node to drain",
      ({ reason }) => reason?.includes("goes when the job") ?? false,
    );
    expect(held).toMatchObject({ clusterStatus: "INPROGRESS", reasonCode: "nodes-surplus", desiredNodes: 2 });
    const [goes] = held.nodes.filter(({ reasonCode }) => reasonCode === "node-surplus");
    expect([goes?.state, goes?.id === held.headInstanceId]).toEqual(["draining", false]);
    expect([hosts().length, await group()]).toEqual([2, { desired: 3, max: 3 }]);

    writeFileSync(inShared("resize-ends"), "");
    const ended = await job;
    expect(ended).toMatchObject({ status: "FINISHED", exitCode: 0 });
    expect((await readLog(access(), ended)).toString()).toBe("3\n");
    const small = await shrinking;
    expect(said).toContainEqual(expect.stringContaining(`waits for the end of job ${ended.id}`));
    expect([small.hostfileNodes, hosts().length, await group()]).toEqual([2, 2, { desired: 2, max: 2 }]);
    // The newest has gone, and the head's node stays. On a busy machine another node may be head by now.
    expect(idsOf(small)).toEqual(idsOf(cluster));
    expect(idsOf(small)).toContain(held.headInstanceId);
  },
  6 * MINUTE_MS,
);
