import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { StatusReply } from "../../../agent/contract/http.js";
import { newJob } from "../../../agent/contract/job.js";
import { AGENT_PORT, AUTHORITY_FILE } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import { runCommand } from "../../../scripts/system/command.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { requestAgent, runInNode } from "../../support/journey.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const PROJECT = join(__dirname, "../../..");
const MINUTE_MS = 60_000;

let journey: SharedJourney;
let cluster: ObservedCluster;
let folder: string;
beforeAll(async () => {
  ({ journey, cluster } = await useSharedCluster());
  folder = await mkdtemp(join(tmpdir(), "muster-tokens-"));
  await symlink(join(PROJECT, "dist/cli/muster.cjs"), join(folder, "muster"));
}, 6 * MINUTE_MS);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  if (journey !== undefined) await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const access = () => openAccess(journey.place.workspace.org, journey.place.workspace.region);
const secretNow = () => access().secrets.read(cluster.uuid);
const [HEAD, OTHER] = [
  (id: string) => id === cluster.headInstanceId,
  (id: string) => id !== cluster.headInstanceId,
];
function nodeWhere(isIt: (id: string) => boolean) {
  const found = cluster.nodes.find(({ id }) => isIt(id));
  if (found === undefined) throw new Error("no such node");
  return found;
}

/** Runs a script of shell in the nodes' network, where the command is. */
function inNetwork(script: string): Promise<string> {
  const { cloudName, workspace } = journey.place;
  const netns = `--net=/run/netns/${cloudPlaces(cloudName).netns}`;
  const PATH = [folder, dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const where = { AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}`, AWS_REGION: workspace.region };
  return runCommand(["nsenter", netns, "sh", "-eu", "-c", `cd ${folder}\n${script}`], {
    env: { ...process.env, ...where, PATH },
    timeoutSeconds: 60,
  });
}

const status = (isIt: (id: string) => boolean, secret: string) =>
  requestAgent(journey.place, nodeWhere(isIt), { path: "/v1/status", token: roleToken(secret, "reader") });

test("what the guide says to ask an agent works as it stands", async () => {
  const guide = readFileSync(join(PROJECT, "docs/guides/tokens.md"), "utf8");
  const [, block = ""] = /```shell\n(muster token ca[\s\S]*?)```/.exec(guide) ?? [];
  const place = `--org ${journey.place.workspace.org} --cluster ${cluster.name}`;
  const script = block.replaceAll("--cluster alpha", place).replace("10.20.0.37", nodeWhere(OTHER).address);
  const reply = JSON.parse(await inNetwork(script)) as StatusReply;
  expect(reply.cluster).toMatchObject({ uuid: cluster.uuid });
});

/** Follows a job's output from a node, by the token in its input, and prints how it ended. */
const FOLLOW = `let text = "";
process.stdin.on("data", (piece) => { text += piece; }).on("end", () => {
  const [authorization, url] = text.split("\\n");
  const socket = new WebSocket(url, { headers: { authorization } });
  let bytes = 0;
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") console.log(JSON.stringify({ ...JSON.parse(data), bytes }));
    else bytes += data.byteLength;
  };
});`;

describe("a rotation while a job runs", () => {
  const STEPS = 60;
  const code = [
    "import time",
    "from mpi4py import MPI",
    `for step in range(${STEPS}):`,
    "  MPI.COMM_WORLD.Barrier()",
    "  if MPI.COMM_WORLD.rank == 0: print('step', step, flush=True)",
    "  time.sleep(0.5)",
  ].join("\n");

  test("fails neither it, nor who follows it, nor the links; old and new tokens count, and the next job starts on all nodes", async () => {
    const { org } = journey.place.workspace;
    const before = await secretNow();
    const generation = (await access().clusters.read(cluster.uuid))?.leaseGeneration;
    const request = { command: ["-c", code], timeoutSeconds: 120 };
    const job = newJob(cluster.uuid, `tokens-${before.version}`, request, new Date());
    await access().jobs.submit(job);
    const watch = { say: () => {}, signal: AbortSignal.timeout(2 * MINUTE_MS) };
    await waitFor({
      what: `job ${job.id} to run`,
      timeoutSeconds: 60,
      look: () => access().jobs.observe(cluster.uuid, job.id),
      isDone: (seen) => seen?.phase === "running",
      describe: (seen) => `${seen?.status}, ${seen?.phase}`,
    });
    const node = nodeWhere(OTHER);
    const url = `wss://${node.address}:${AGENT_PORT}/v1/jobs/${job.id}/logs/follow`;
    const follower = runInNode(
      ...([journey.place, node.id] as const),
      ["env", `NODE_EXTRA_CA_CERTS=${AUTHORITY_FILE}`, "/usr/lib/muster/node", "-e", FOLLOW],
      `Bearer ${roleToken(before.value, "reader")}\n${url}`,
    );
    await inNetwork(`muster token rotate --org ${org} --cluster ${cluster.uuid}`);
    const after = await secretNow();
    expect(after).toMatchObject({ version: before.version + 1, previous: before.value });

    for (const isIt of [HEAD, OTHER]) {
      await waitFor({
        what: "the node to take the new token",
        timeoutSeconds: 60,
        look: () => status(isIt, after.value),
        isDone: (reply) => reply.status === 200,
        describe: (reply) => `HTTP ${reply.status}`,
      });
      expect((await status(isIt, before.value)).status).toBe(200);
    }
    const ended = await awaitEnd(access(), cluster, job.id, 100, watch);
    expect(ended).toMatchObject({ status: "FINISHED", exitCode: 0, attempt: 1 });
    const log = (await readLog(access(), ended)).toString();
    expect(log.trim().split("\n")).toEqual(Array.from({ length: STEPS }, (_, step) => `step ${step}`));
    expect(JSON.parse((await follower).stdout)).toMatchObject({ status: "FINISHED", bytes: log.length });

    const next = newJob(
      cluster.uuid,
      `tokens-next-${before.version}`,
      { command: ["-c", "print('on')"] },
      new Date(),
    );
    await access().jobs.submit(next);
    expect(await awaitEnd(access(), cluster, next.id, 60, watch)).toMatchObject({
      status: "FINISHED",
      attempt: 1,
    });
    const now = await access().clusters.read(cluster.uuid);
    expect(now).toMatchObject({ leaseGeneration: generation, readyNodes: cluster.nodes.length });
  });

  test("leaves the way from node to node open by ssh, also where an agent starts again", async () => {
    await inNetwork(
      `muster token rotate --again --org ${journey.place.workspace.org} --cluster ${cluster.uuid}`,
    );
    const { value } = (await secretNow()) ?? { value: "" };
    await waitFor({
      what: "both nodes to take the new token",
      timeoutSeconds: 90,
      look: () => Promise.all([HEAD, OTHER].map((isIt) => status(isIt, value))),
      isDone: (replies) => replies.every((reply) => reply.status === 200),
      describe: (replies) => `HTTP ${replies.map((reply) => reply.status)}`,
    });
    expect(await greetings()).toEqual(cluster.nodes.map(({ hostname }) => hostname));
    await runInNode(journey.place, nodeWhere(OTHER).id, ["systemctl", "restart", "muster-agent"]);
    await waitFor({
      what: "the agent to be there again",
      timeoutSeconds: 60,
      look: () =>
        requestAgent(journey.place, nodeWhere(OTHER), { path: "/readyz" }).then(
          (reply) => `HTTP ${reply.status}`,
          (error: Error) => error.message,
        ),
      isDone: (reply) => reply === "HTTP 200",
      describe: (reply) => reply,
    });
    expect(await greetings()).toEqual(cluster.nodes.map(({ hostname }) => hostname));
  });
});

/** What each node answers to ssh from another one. */
const greetings = () =>
  Promise.all(
    cluster.nodes.map(async ({ address }, index) => {
      const from = cluster.nodes.at(index - 1);
      const greet = `ssh -o BatchMode=yes ${address} hostname`;
      const { stdout, stderr } = await runInNode(journey.place, from?.id ?? "", [
        ...(["su", "-", "muster", "-c", greet] as const),
      ]);
      return stdout.trim() || stderr;
    }),
  );
