import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { EventCode } from "../../../agent/contract/event.js";
import type { StatusReply } from "../../../agent/contract/http.js";
import { newJob } from "../../../agent/contract/job.js";
import {
  AGENT_PORT,
  AUTHORITY_FILE,
  clusterSecretName,
  hostfilePath,
} from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { runCdktf } from "../../../scripts/journey/cdktf.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { deploy, destroy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import {
  awaitDeclaredJob,
  awaitEnd,
  fileRequest,
  findByName,
  openAccess,
  readHostfile,
  readLog,
  runDefinition,
  runJob,
} from "../../../scripts/journey/steps.js";
import { writeWorkspace } from "../../../scripts/journey/workspace.js";
import type { FaultRule } from "../../../scripts/local/gateway/faults.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { NODE_FAULTS } from "../../../scripts/local/hosts/faults.js";
import { runProgram } from "../../../scripts/system/program.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { withoutHydraWords } from "../../support/hydra-words.js";
import { requestAgent, runInNode, startTestJourney } from "../../support/journey.js";

const CLOUD = "test-journey";
const NODES = 4;
const MINUTE_MS = 60_000;
const PI = { name: "pi", file: join(__dirname, "../../../examples/pi.py"), timeoutMinutes: 5, wait: true };
const SLEEPS = {
  name: "sleeps",
  file: join(__dirname, "../../fixtures/jobs/sleeps.py"),
  timeoutMinutes: 5,
  wait: false,
  run: "manual" as const,
};

/** Prints an agent's figures, and the events that it follows until the cluster is ready. The token comes by its input, with where the agent is. */
const SEE = `let text = "";
process.stdin.on("data", (piece) => { text += piece; }).on("end", async () => {
  const [authorization, agent] = text.split("\\n");
  const headers = { authorization };
  const figures = await (await fetch("https://" + agent + "/metrics", { headers })).text();
  const socket = new WebSocket("wss://" + agent + "/v1/events/follow?since=2026-01-01T00:00:00Z", { headers });
  const codes = [];
  socket.onmessage = ({ data }) => {
    const { code } = JSON.parse(data);
    if (codes.push(code) && code === "cluster-ready") process.stdout.write(JSON.stringify({ figures, codes }), () => process.exit());
  };
  setTimeout(() => process.exit(1), 20_000);
});`;

let journey: Journey;
beforeAll(async () => {
  journey = await startTestJourney(CLOUD);
  await goDown(journey);
  journey.seen.leftovers = null;
  await goUp(journey);
}, 5 * MINUTE_MS);
afterAll(async () => {
  if (journey !== undefined) await goDown(journey);
});

/** One cluster's life. The tests are in its order, and each starts from what the one before it left. */
describe("a cluster of four nodes", () => {
  const { say } = { say: (line: string) => void process.stderr.write(`${line}\n`) };
  const watch = () => ({ say, signal: AbortSignal.timeout(2 * MINUTE_MS) });
  const access = () => openAccess(journey.place.workspace.org, journey.place.workspace.region);
  const scaling = () => new AutoScalingClient({ region: journey.place.workspace.region });

  /** The cluster, once `isDone` holds for it. */
  const clusterOnce = (
    what: string,
    isDone: (cluster: ObservedCluster) => boolean,
  ): Promise<ObservedCluster> =>
    waitFor({
      what,
      timeoutSeconds: 60,
      look: async () => {
        const cluster = await findByName(access(), CLOUD);
        if (cluster === null) throw new Error("the cluster is not in the registry");
        return cluster;
      },
      isDone,
      describe: ({ clusterStatus, reason, leaseGeneration, nodes }) =>
        `${clusterStatus} (${reason}), generation ${leaseGeneration}, ${nodes.map(({ address, state }) => `${address} ${state}`)}`,
      say,
    });

  const isWhole = (cluster: ObservedCluster): boolean =>
    cluster.clusterStatus === "FINISHED" &&
    cluster.nodes.length === NODES &&
    cluster.nodes.every(({ state }) => state === "ready") &&
    cluster.hostfileNodes === NODES;

  const token = async (role: "reader" | "operator"): Promise<string> => {
    const { org, region } = journey.place.workspace;
    const Name = clusterSecretName(org, cluster.uuid);
    const { Parameter } = await new SSMClient({ region }).send(
      new GetParameterCommand({ Name, WithDecryption: true }),
    );
    return roleToken(Parameter?.Value ?? "", role);
  };

  /** Terraform's word on the cluster's stack as it was deployed last: 0 = no change. */
  async function plan(): Promise<{ readonly exitCode: number | null; readonly output: string }> {
    const lines: string[] = [];
    const { place, env, signal } = journey;
    const terraform = env["TERRAFORM_BINARY_NAME"] ?? "terraform";
    const { exitCode } = await runProgram(
      [terraform, "plan", "-detailed-exitcode", "-input=false", "-no-color"],
      {
        cwd: join(place.workspace.outputFolder, "stacks", `muster_demo_${CLOUD}`),
        env: { ...process.env, ...env },
        onLine: (line) => void lines.push(line),
        signal,
      },
    );
    return { exitCode, output: lines.join("\n") };
  }

  const groups = async () =>
    (await scaling().send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups ?? [];

  let cluster: ObservedCluster;
  const head = () => cluster.nodes.find(({ id }) => id === cluster.headInstanceId) ?? cluster.nodes[0];

  test(
    "a deploy that is interrupted while it waits for nodes ends in order, at once",
    async () => {
      await setNoCapacity(true);
      writeWorkspace({ ...journey.place.workspace, nodes: NODES });
      const interrupt = new AbortController();
      const { place, env } = journey;
      const run = runCdktf("deploy", {
        workspace: place.workspace,
        projectRoot: place.projectRoot,
        env,
        signal: interrupt.signal,
        onLine: (line) => {
          say(line);
          if (!/muster_fleet.*: Creating/.test(line)) return;
          setTimeout(() => interrupt.abort(new Error("Ctrl-C")), 3_000);
        },
      });
      await expect(run).rejects.toThrow("Ctrl-C");
      await setNoCapacity(false);
    },
    5 * MINUTE_MS,
  );

  test(
    "the next deploy carries on, with one fleet and every node ready",
    async () => {
      await deploy(journey, { nodes: NODES, jobDefinitions: [PI, SLEEPS] });
      await lookAtCluster(journey);
      if (journey.seen.cluster === null) throw new Error("no cluster was seen");
      cluster = await clusterOnce("four ready nodes", isWhole);
      expect(await groups()).toHaveLength(1);
      expect((await groups())[0]?.DesiredCapacity).toBe(NODES);
    },
    5 * MINUTE_MS,
  );

  test("deploy has waited for the job that it runs, and has not run the one that is run by hand", async () => {
    const pi = await awaitDeclaredJob(access(), cluster, PI.name, watch());
    expect(pi).toMatchObject({ status: "FINISHED", ranks: 2 * NODES, definition: { revision: 1 } });
    await expect(awaitDeclaredJob(access(), cluster, SLEEPS.name, watch())).rejects.toThrow("is not in");
  });

  test("a job that is taken out of muster.yaml while it runs is cancelled", async () => {
    const isRunning = new AbortController();
    const hear = (line: string): void => {
      say(line);
      if (line.includes("INPROGRESS, running")) isRunning.abort();
    };
    const signal = AbortSignal.timeout(3 * MINUTE_MS);
    const run = runDefinition(access(), cluster, SLEEPS.name, { say: hear, signal });
    await Promise.race([once(isRunning.signal, "abort"), run]);
    await deploy(journey, { nodes: NODES, jobDefinitions: [PI] });
    const job = await run;
    expect(job).toMatchObject({
      status: "CANCELLED",
      definition: { name: SLEEPS.name },
      ranks: 2 * NODES,
    });
    // Not its last lines: MPI may fill them with what it has to say of ranks that were ended.
    expect((await readLog(access(), job)).toString()).toContain("sleeping");
  });

  test("the hostfile lists every node, and the probes need no token", async () => {
    const expected = cluster.nodes.map(({ address, cores }) => `${address}:${cores}\n`).join("");
    expect(readHostfile(sharedFolder(journey.place, cluster.uuid), cluster)).toBe(expected);
    for (const node of cluster.nodes) {
      expect(await requestAgent(journey.place, node, { path: "/readyz" })).toEqual({
        status: 200,
        body: { ready: true, failing: [] },
      });
    }
  });

  test("/v1/status asks for a token, and then tells the whole cluster", async () => {
    const node = cluster.nodes[0];
    if (node === undefined) throw new Error("no node");
    expect((await requestAgent(journey.place, node, { path: "/v1/status" })).status).toBe(401);
    const reply = await requestAgent(journey.place, node, {
      path: "/v1/status",
      token: await token("reader"),
    });
    expect(reply.status).toBe(200);
    const status = reply.body as StatusReply;
    expect(status.cluster).toMatchObject({ uuid: cluster.uuid, clusterStatus: "FINISHED" });
    expect(status.from).toBe("head");
    expect(status.nodes).toHaveLength(NODES);
    expect(status.hostfile).toBe(hostfilePath(cluster.uuid));
    expect(status.cores).toBe(2 * NODES);
    expect(status.leaseGeneration).toBe(cluster.leaseGeneration);
  });

  test("what it does is seen: the head's figures, the history over a WebSocket, an agent's log in the bucket", async () => {
    const [seen, other] = [head(), cluster.nodes.find(({ id }) => id !== cluster.headInstanceId)];
    if (seen === undefined || other === undefined) throw new Error("no such nodes");
    const { stdout } = await runInNode(
      ...([journey.place, seen.id] as const),
      ["env", `NODE_EXTRA_CA_CERTS=${AUTHORITY_FILE}`, "/usr/lib/muster/node", "-e", SEE],
      `Bearer ${await token("reader")}\n${seen.address}:${AGENT_PORT}`,
    );
    const { figures, codes } = JSON.parse(stdout) as { figures: string; codes: EventCode[] };
    expect(figures.split("\n")).toEqual(
      expect.arrayContaining([
        "muster_head 1",
        `muster_nodes{state="ready"} ${NODES}`,
        "muster_job_running 0",
      ]),
    );
    expect(figures).toMatch(/^muster_registry_calls_total\{result="answered"\} [1-9]/m);
    expect(codes).toEqual(expect.arrayContaining(["head-changed", "node-joined"]));

    await runInNode(journey.place, other.id, ["systemctl", "restart", "muster-agent"]);
    const s3 = new S3Client({ region: journey.place.workspace.region, forcePathStyle: true });
    const Bucket = cluster.logBucket ?? "";
    const Prefix = `logs/${cluster.uuid}/agents/${other.id}/`;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: Contents[0]?.Key ?? "none" }));
    const log = gunzipSync((await Body?.transformToByteArray()) ?? "").toString();
    expect(JSON.parse(log.split("\n")[0] ?? "")).toMatchObject({ msg: "starting", node: other.id });
    cluster = await clusterOnce("four ready nodes", isWhole);
  });

  test("anyone in the job user's group can run mpiexec by hand, from any node", async () => {
    const node = cluster.nodes.at(-1);
    if (node === undefined) throw new Error("no node");
    const mpiexec = `mpiexec -n ${cluster.cores} -f ${hostfilePath(cluster.uuid)} hostname`;
    const { stdout, stderr, exitCode } = await runInNode(journey.place, node.id, [
      "su",
      "-",
      "muster",
      "-c",
      mpiexec,
    ]);
    expect({ exitCode, stderr: withoutHydraWords(stderr) }).toEqual({ exitCode: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n").sort();
    expect(lines).toEqual(
      cluster.nodes.flatMap(({ hostname, cores }) => Array<string>(cores).fill(hostname)).sort(),
    );
  });

  test("the same job submitted twice over HTTP is one job, and it runs", async () => {
    const node = cluster.nodes[1];
    if (node === undefined) throw new Error("no node");
    const request = {
      path: "/v1/jobs",
      token: await token("operator"),
      headers: { "idempotency-key": "once" },
      body: { command: ["-c", "import os; print(os.environ['PMI_RANK'], os.getuid())"] },
    };
    const first = await requestAgent(journey.place, node, request);
    const second = await requestAgent(journey.place, node, request);
    expect([first.status, second.status]).toEqual([201, 200]);
    const { id } = first.body as JobItem;
    expect((second.body as JobItem).id).toBe(id);
    const signal = AbortSignal.timeout(2 * MINUTE_MS);
    const job = await awaitEnd(access(), cluster, id, 60, { say, signal });
    expect(job).toMatchObject({ status: "FINISHED", exitCode: 0, ranks: 2 * NODES });
    const log = (await readLog(access(), job)).toString();
    expect(log.trimEnd().split("\n").sort()).toEqual(
      Array.from({ length: 2 * NODES }, (_, rank) => `${rank} 1500`),
    );
  });

  test("a second plan shows no change", async () => {
    expect(await plan()).toMatchObject({ exitCode: 0, output: expect.stringContaining("No changes") });
  });

  test(
    "an outage of the registry ends no job, and one of the bucket loses no log",
    async () => {
      const request = {
        command: ["-c", "import time; time.sleep(45); print('slept', flush=True)"],
        timeoutSeconds: 600,
      };
      const job = newJob(cluster.uuid, randomUUID(), request, new Date());
      const jobOnce = (what: string, isDone: (job: JobItem) => boolean) =>
        waitFor({
          what,
          timeoutSeconds: 180,
          look: async () => {
            const found = await access().jobs.read(cluster.uuid, job.id);
            if (found === null) throw new Error("the job is not in the registry");
            return found;
          },
          isDone,
          describe: ({ status, phase, reason, logState }) =>
            `${status} (${reason}), ${phase}, log ${logState}`,
          say,
        });
      await access().jobs.submit(job);
      const before = await jobOnce("the job to run", ({ phase }) => phase === "running");

      await injectFault({ service: "dynamodb", action: "*", response: OUTAGE });
      // Twice as long as a lease: no head is left.
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      await clearFaults();
      await injectFault({ service: "s3", action: "*", response: OUTAGE });
      const ended = await jobOnce("the job to end", ({ phase }) => phase === "ended");
      expect(ended).toMatchObject({
        ...{ status: "FINISHED", exitCode: 0, reason: null, logState: "pending" },
        launchedOn: before.launchedOn,
      });
      expect(ended.leaseGeneration).toBeGreaterThan(before.leaseGeneration);
      expect((await jobOnce("the reason", ({ logReason }) => logReason !== null)).log).toBeNull();
      await clearFaults();
      const delivered = await jobOnce("the log to be there", ({ logState }) => logState === "delivered");
      const slept = (await readLog(access(), delivered)).toString();
      expect(slept.match(/slept/g)).toHaveLength(2 * NODES);
      cluster = await clusterOnce("four ready nodes", isWhole);
    },
    8 * MINUTE_MS,
  );

  test("an agent that is killed comes back, and the cluster is whole again", async () => {
    const node = cluster.nodes.find(({ id }) => id !== cluster.headInstanceId);
    if (node === undefined) throw new Error("no node beside the head");
    const pidOf = async () =>
      (
        await runInNode(journey.place, node.id, [
          "systemctl",
          "show",
          "--property=MainPID",
          "--value",
          "muster-agent",
        ])
      ).stdout.trim();
    const before = await pidOf();
    expect(Number(before)).toBeGreaterThan(0);
    await runInNode(journey.place, node.id, ["kill", "-9", before]);
    const isBack = await waitFor({
      what: "the agent to be started again",
      timeoutSeconds: 60,
      look: pidOf,
      isDone: (pid) => Number(pid) > 0 && pid !== before,
      describe: (pid) => `pid ${pid}`,
    });
    expect(isBack).not.toBe(before);
    await waitFor({
      what: "the node to be ready",
      timeoutSeconds: 60,
      look: async () =>
        (await requestAgent(journey.place, node, { path: "/readyz" }).catch(() => null))?.status,
      isDone: (status) => status === 200,
      describe: (status) => `/readyz ${status}`,
    });
    cluster = await clusterOnce("four ready nodes", isWhole);
  });

  test("when the head node dies another takes the lease and leaves it out of the hostfile", async () => {
    const dead = head();
    if (dead === undefined) throw new Error("no head");
    await NODE_FAULTS.kill(cloudPlaces(CLOUD), dead.id);
    cluster = await clusterOnce(
      "another head",
      ({ headInstanceId, hostfileNodes }) => headInstanceId !== dead.id && hostfileNodes === NODES - 1,
    );
    const hostfile = readHostfile(sharedFolder(journey.place, cluster.uuid), cluster);
    expect(hostfile.trimEnd().split("\n")).toHaveLength(NODES - 1);
    expect(hostfile).not.toContain(`${dead.address}:`);
    const signal = AbortSignal.timeout(2 * MINUTE_MS);
    const request = fileRequest(`${journey.place.projectRoot}/examples/pi.py`);
    const job = await runJob(access(), cluster, request, { say, signal });
    expect(job).toMatchObject({
      status: "FINISHED",
      ranks: 2 * (NODES - 1),
      leaseGeneration: cluster.leaseGeneration,
    });
  });

  test("an instance that is found dead, and ended, is replaced, and the cluster is whole again", async () => {
    const alive = new Set(cluster.nodes.filter(({ state }) => state !== "unready").map(({ id }) => id));
    const instances = (await groups()).flatMap(({ Instances = [] }) =>
      Instances.map((one) => one.InstanceId ?? ""),
    );
    const InstanceIds = instances.filter((id) => !alive.has(id));
    expect(InstanceIds).toHaveLength(1);
    await new EC2Client({ region: journey.place.workspace.region }).send(
      new TerminateInstancesCommand({ InstanceIds }),
    );
    cluster = await clusterOnce("four ready nodes", ({ nodes, ...rest }) =>
      isWhole({ ...rest, nodes: nodes.filter(({ id }) => !InstanceIds.includes(id)) }),
    );
  });

  test("a size set from outside shows no change either", async () => {
    const AutoScalingGroupName = (await groups())[0]?.AutoScalingGroupName;
    await scaling().send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 1 }));
    expect(await plan()).toMatchObject({ exitCode: 0, output: expect.stringContaining("No changes") });
  });

  test(
    "destroy leaves nothing",
    async () => {
      await destroy(journey);
      expect(journey.seen.leftovers).toEqual([]);
      const said = readFileSync(join(journey.place.workspace.folder, "destroy.log"), "utf8");
      expect(said).toMatch(/muster_fleet.*: Destruction complete/);
      expect(said).not.toContain(`Files of cluster ${cluster.uuid} are left`);
      await goDown(journey);
      expect(journey.seen.leftovers).toEqual([]);
    },
    5 * MINUTE_MS,
  );
});

const OUTAGE = { code: "InternalServerError", message: "an outage", status: 500 };

const setNoCapacity = (isOn: boolean): Promise<void> =>
  isOn
    ? injectFault({ service: "ec2", action: "RunInstances", response: { noCapacity: true } })
    : clearFaults();

const injectFault = (rule: FaultRule) => controlFaults({ method: "POST", body: JSON.stringify(rule) });
const clearFaults = () => controlFaults({ method: "DELETE" });

async function controlFaults(request: RequestInit): Promise<void> {
  const url = `${process.env["AWS_ENDPOINT_URL"]}/_local/faults`;
  const reply = await fetch(url, request);
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}: ${await reply.text()}`);
}
