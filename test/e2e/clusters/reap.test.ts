import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stringify } from "yaml";
import { clusterStackName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { findLeftovers } from "../../../scripts/cli/leftovers/find.js";
import type { Reaped } from "../../../scripts/cli/render/reap.js";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { findByName, openAccess, readHostfile } from "../../../scripts/journey/steps.js";
import type { FaultRule } from "../../../scripts/local/gateway/faults.js";
import { runProgram } from "../../../scripts/system/program.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { startTestJourney } from "../../support/journey.js";
import { SHARED_CLOUD } from "../../support/shared-cluster/place.js";
import {
  leaveSharedCluster,
  type SharedJourney,
  useSharedCluster,
} from "../../support/shared-cluster/use.js";

const MINUTE_MS = 60_000;
const say = (line: string) => void process.stderr.write(`${line}\n`);

/** It is made for a job. */
const ONCE = "once";
/** It is made for no job. */
const GROWN = "grown";
/** Runs until the test lets it go. */
const JOB = [
  "import os, time",
  "until = time.time() + 120",
  "while not os.path.exists('/shared/go') and time.time() < until: time.sleep(0.2)",
].join("\n");
/** What a reap shows as soon as Terraform waits for the API's reply. */
const GROUP_GOES = /^(?:once|grown) \| .*aws_autoscaling_group.*: Destroying\.\.\./;

let journey: SharedJourney;
let env: NodeJS.ProcessEnv;
let before: readonly string[];
/** The shared cluster's org, and two clusters more that are this file's alone. */
beforeAll(async () => {
  ({ journey } = await useSharedCluster());
  const { folder, org, region } = journey.place.workspace;
  const config = join(folder, "reap.yaml");
  const { env: ofSetUp } = await startTestJourney(SHARED_CLOUD);
  env = { ...process.env, ...ofSetUp, MUSTER_CONFIG: config, CI: "1", FORCE_COLOR: "0" };
  writeFileSync(join(folder, "once.py"), JOB);
  const job = { name: "once", file: join(folder, "once.py"), timeoutMinutes: 5, wait: false };
  const clusters = [
    { name: ONCE, nodes: 1, dedicated: true, jobDefinitions: [job] },
    { name: GROWN, nodes: 1 },
  ];
  const state = { type: "local", path: "state" };
  writeFileSync(config, stringify({ org: { name: org, region }, state, clusters }));
  before = await leftovers();
  forgetStacks();
}, 6 * MINUTE_MS);
afterAll(async () => {
  if (journey === undefined) return;
  await control({ method: "DELETE" });
  forgetStacks();
  await leaveSharedCluster(journey);
}, 2 * MINUTE_MS);

const stacks = () => [ONCE, GROWN].map((name) => clusterStackName(place().org, name));

/** The synthesised stacks, which `muster reap` has where the project is: another build's provider is locked there. */
function forgetStacks(): void {
  for (const stack of stacks())
    rmSync(join(journey.place.projectRoot, "cdktf.out/stacks", stack), { recursive: true, force: true });
}

const place = () => journey.place.workspace;
const access = () => openAccess(place().org, place().region);

interface Run {
  readonly exitCode: number | null;
  readonly stdout: readonly string[];
  readonly lines: readonly string[];
}

/** Runs a program in the project's folder, as a person or a pipeline does; with a Ctrl-C at the first line that matches. */
async function run(argv: readonly [string, ...string[]], ctrlCAt?: RegExp): Promise<Run> {
  const [stdout, lines]: [string[], string[]] = [[], []];
  const ctrlC = new AbortController();
  const { exitCode } = await runProgram(argv, {
    ...{ cwd: journey.place.projectRoot, env, signal: ctrlC.signal },
    onLine: (line, stream) => {
      if (stream === "stdout") stdout.push(line);
      lines.push(line);
      if (ctrlCAt?.test(line)) ctrlC.abort();
    },
  });
  return { exitCode, stdout, lines };
}

/** Runs ./scripts/muster, and fails with what it said where its exit status is another. */
async function muster(exitCode: number, args: readonly string[], ctrlCAt?: RegExp): Promise<Run> {
  const ended = await run(["./scripts/muster", ...args], ctrlCAt);
  if (ended.exitCode !== exitCode) say(ended.lines.join("\n"));
  expect(ended.exitCode).toBe(exitCode);
  return ended;
}

/** What `muster reap` reports, for each cluster but the shared one, which it always keeps. */
async function reap(exitCode: number, { options = [], ctrlCAt }: { options?: string[]; ctrlCAt?: RegExp }) {
  const args = ["reap", "--parked-longer-than", "1s", "--json", ...options];
  const { stdout, lines } = await muster(exitCode, args, ctrlCAt);
  const { clusters } = JSON.parse(stdout.join("\n")) as { clusters: readonly Reaped[] };
  const shared = clusters.find(({ name }) => name === SHARED_CLOUD);
  // On a busy machine a node may be heard late, and the cluster be degraded for a moment.
  expect(shared).toMatchObject({
    ...{ result: "kept", why: expect.stringMatching(/^it is FINISHED \((?:ready|degraded)\), not parked$/) },
  });
  const own = clusters.filter((cluster) => cluster !== shared);
  const results = Object.fromEntries(own.map(({ name, result }) => [name, result]));
  return { own, results, lines };
}

const clusterOnce = (
  name: string,
  what: string,
  isDone: (seen: ObservedCluster) => boolean,
): Promise<ObservedCluster> =>
  waitFor({
    what,
    timeoutSeconds: 90,
    look: async () => {
      const seen = await findByName(access(), name);
      if (seen === null) throw new Error(`cluster ${name} is not in the registry`);
      return seen;
    },
    isDone,
    describe: ({ clusterStatus, phase, reason }) => `${clusterStatus}, ${phase} (${reason})`,
    say,
  });

/** Of the org. Not network interfaces: moto keeps an ended instance's for ever, and EC2 does not. */
async function leftovers(): Promise<readonly string[]> {
  const found = await findLeftovers(place().org, { region: place().region });
  return found.leftovers
    .filter(({ kind }) => kind !== "network interface")
    .map(({ kind, id }) => `${kind} ${id}`)
    .sort();
}

async function control(request: RequestInit): Promise<void> {
  const reply = await fetch(`${process.env["AWS_ENDPOINT_URL"]}/_local/faults`, request);
  expect(reply.ok).toBe(true);
}
const inject = (rule: FaultRule) => control({ method: "POST", body: JSON.stringify(rule) });

test(
  "a command gives a cluster a second node, and the hostfile lists both",
  async () => {
    const deployed = await run([
      ...(["npx", "--no-install", "cdktf", "deploy", ...stacks(), "--auto-approve"] as const),
      ...["--skip-provider-lock", "--ignore-missing-stack-dependencies"],
    ]);
    if (deployed.exitCode !== 0) say(deployed.lines.join("\n"));
    expect(deployed.exitCode).toBe(0);

    await muster(0, ["cluster", "resize", "--cluster", GROWN, "--nodes", "2"]);
    const grown = await clusterOnce(GROWN, "two nodes", ({ nodes }) => nodes.length === 2);
    expect(grown).toMatchObject({ clusterStatus: "FINISHED", desiredNodes: 2, hostfileNodes: 2 });
    const listed = grown.nodes.map(({ address, cores }) => `${address}:${cores}\n`).join("");
    expect(readHostfile(sharedFolder(journey.place, grown.uuid), grown)).toBe(listed);
  },
  3 * MINUTE_MS,
);

test(
  "a cluster that is awake or runs its job is kept; one that has parked, after its job or by a command, would be destroyed",
  async () => {
    const awake = await reap(0, {});
    expect(awake.results).toEqual({ [ONCE]: "kept", [GROWN]: "kept" });

    const once = await clusterOnce(ONCE, "the cluster", () => true);
    expect(once).toMatchObject({ busy: true, dedicatedTo: expect.stringMatching(/^job-/) });
    writeFileSync(join(sharedFolder(journey.place, once.uuid), "go"), "");
    const [parked] = await Promise.all([
      clusterOnce(ONCE, "the cluster to park", ({ phase }) => phase === "parked"),
      muster(0, ["cluster", "park", "--cluster", GROWN]),
    ]);
    expect(parked.reasonCode).toBe("parked-job-ended");
    const job = await access().jobs.read(once.uuid, once.dedicatedTo ?? "");
    expect(job).toMatchObject({ status: "FINISHED", logState: "delivered" });

    const { results, lines } = await reap(0, { options: ["--dry-run"] });
    expect(results).toEqual({ [ONCE]: "to-destroy", [GROWN]: "to-destroy" });
    expect(lines.join("\n")).not.toContain("cdktf");
  },
  3 * MINUTE_MS,
);

test(
  "after a Ctrl-C Terraform ends in order; after a failed destroy the other cluster still goes; the next reap does the rest",
  async () => {
    const slow = { delayMs: 5_000 };
    await inject({ service: "autoscaling", action: "DeleteAutoScalingGroup", times: 1, response: slow });
    const stopped = await reap(130, { ctrlCAt: GROUP_GOES });
    expect(stopped.own.map(({ result }) => result)).toEqual(["interrupted", "not-begun"]);
    expect(stopped.lines).toContainEqual(expect.stringContaining("Gracefully shutting down"));

    const response = { code: "AccessDeniedException", message: "not yours", status: 400 };
    await inject({ service: "ssm", action: "DeleteParameters", times: 1, response });
    const failed = await reap(1, {});
    expect(failed.own.map(({ result }) => result)).toEqual(["failed", "destroyed"]);
    expect(failed.lines).toContainEqual(expect.stringContaining("not yours"));

    const { own } = await reap(0, {});
    expect(own).toMatchObject([{ name: failed.own[0]?.name, result: "destroyed" }]);
    expect(own[0]?.why).toBe("a destroy of it has begun, and has not come to its end");
    for (const name of [ONCE, GROWN]) {
      const state = join(place().folder, "state", place().org, "clusters", `${name}.tfstate`);
      const left = existsSync(state)
        ? (JSON.parse(readFileSync(state, "utf8")) as { resources: unknown[] })
        : null;
      expect(left?.resources ?? []).toEqual([]);
    }
    expect(await leftovers()).toEqual(before);
    expect((await reap(0, {})).own).toEqual([]);
  },
  6 * MINUTE_MS,
);
