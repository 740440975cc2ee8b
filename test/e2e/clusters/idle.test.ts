import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { openTable, perform } from "../../../agent/aws/table.js";
import { clusterStackName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import { parkCluster } from "../../../scripts/cli/clusters/park.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { findByName, openAccess, readLog, runJob } from "../../../scripts/journey/steps.js";
import { runProgram } from "../../../scripts/system/program.js";
import { clock, waitFor } from "../../../scripts/system/wait.js";
import { startTestJourney } from "../../support/journey.js";
import { SHARED_CLOUD } from "../../support/shared-cluster/place.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const say = (line: string) => void process.stderr.write(`${line}\n`);

let journey: SharedJourney;
let cluster: ObservedCluster;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey === undefined) return;
  // Also after a failure: the other files' cluster does not park.
  await configure(null);
  await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const place = () => journey.place.workspace;
const access = () => openAccess(place().org, place().region);
const scaling = () => new AutoScalingClient({ region: place().region });

/** As Terraform declares it. */
async function configure(idleTimeoutMinutes: number | null): Promise<void> {
  const table = openTable(place().org, cluster.uuid, place().region);
  const { tags } = cluster;
  const declared = { idleTimeoutMinutes, countSshSessions: true, resumeOnJob: true, tags };
  expect(await perform(table, clusterWrites.configure(cluster.uuid, declared))).toBe(true);
  table.client.destroy();
}

/** Terraform's word on the cluster's stack as it was deployed: 0 = no change. */
async function plan(): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const { env } = await startTestJourney(SHARED_CLOUD);
  const lines: string[] = [];
  const terraform = env["TERRAFORM_BINARY_NAME"] ?? "terraform";
  const { exitCode } = await runProgram(
    [terraform, "plan", "-detailed-exitcode", "-input=false", "-no-color"],
    {
      cwd: join(place().outputFolder, "stacks", clusterStackName(place().org, SHARED_CLOUD)),
      env: { ...process.env, ...env },
      onLine: (line) => void lines.push(line),
    },
  );
  return { exitCode, output: lines.join("\n") };
}

const clusterOnce = (what: string, isDone: (seen: ObservedCluster) => boolean): Promise<ObservedCluster> =>
  waitFor({
    what,
    timeoutSeconds: 150,
    look: async () => {
      const seen = await findByName(access(), place().clusterName);
      if (seen === null) throw new Error("the cluster is not in the registry");
      return seen;
    },
    isDone,
    describe: ({ clusterStatus, phase, reason, activity }) =>
      `${clusterStatus}, ${phase} (${reason}), parks at ${activity?.parksAt}`,
    say,
  });

async function group() {
  const { AutoScalingGroups = [] } = await scaling().send(new DescribeAutoScalingGroupsCommand({}));
  const own = AutoScalingGroups.find(({ AutoScalingGroupName: name }) => name === cluster.fleet?.group);
  return { name: own?.AutoScalingGroupName ?? "", desired: own?.DesiredCapacity };
}

const idsOf = ({ nodes }: ObservedCluster) => nodes.map(({ id }) => id).sort();

test(
  "a cluster without activity parks itself, its plan stays empty, and a node that Auto Scaling starts wakes it",
  async () => {
    await configure(1);
    const parked = await clusterOnce("the cluster to park", ({ phase }) => phase === "parked");
    expect(parked).toMatchObject({ clusterStatus: "PARKED", reasonCode: "parked-idle", hostfileNodes: 0 });
    expect(await group()).toMatchObject({ desired: 0 });
    await configure(null);

    expect(await plan()).toMatchObject({ exitCode: 0, output: expect.stringContaining("No changes") });

    // As Auto Scaling's own schedule does: no head, and no word to the registry.
    const { name } = await group();
    const wake = { AutoScalingGroupName: name, DesiredCapacity: cluster.nodes.length };
    await scaling().send(new SetDesiredCapacityCommand(wake));
    const woken = await clusterOnce(
      "the woken cluster to be ready",
      ({ clusterStatus }) => clusterStatus === "FINISHED",
    );
    expect(woken.resume?.by).toBe("an Auto Scaling schedule");
    expect(idsOf(woken)).not.toEqual(idsOf(cluster));
  },
  6 * MINUTE_MS,
);

test(
  "a job that is submitted while the nodes of a park still go gets new ones, and /shared as it was",
  async () => {
    const before = await clusterOnce(
      "the cluster to be ready",
      ({ clusterStatus }) => clusterStatus === "FINISHED",
    );
    writeFileSync(join(sharedFolder(journey.place, cluster.uuid), "kept"), "of before the park");
    const signal = new AbortController().signal;
    const context = {
      access: access(),
      out: { say },
      world: { now: () => new Date(), sleep: clock.sleep },
      signal,
    };
    expect(await parkCluster(before, context)).toMatchObject({
      phase: "parked",
      reasonCode: "parked-on-request",
    });

    const request = { command: ["-c", "print(open('/shared/kept').read())"], mpi: false, timeoutSeconds: 60 };
    const job = await runJob(access(), cluster, request, { say, signal });
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0 });
    expect((await readLog(access(), job)).toString()).toBe("of before the park\n");
    const after = await clusterOnce(
      "its nodes to be listed",
      ({ nodes }) => nodes.length === cluster.nodes.length,
    );
    for (const id of idsOf(after)) expect(idsOf(before)).not.toContain(id);
    expect(after.resume?.by).toBe(`job ${job.id}`);
  },
  6 * MINUTE_MS,
);
