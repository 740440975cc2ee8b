import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { AGENT_PORT, hostfilePath } from "../../../agent/contract/names.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import { runCommand } from "../../../scripts/system/command.js";
import type { Order, Sent } from "./client.js";
import type { BenchCluster } from "./cluster.js";

/** Each rank prints its start, as Unix seconds. */
export const STAMP = { name: "stamp.py", content: "import time\nprint(time.time())\n" };
const STAMP_REQUEST: JobRequest = { command: [STAMP.name], script: STAMP, timeoutSeconds: 60 };

/** A job's submission and its ranks' start, in Unix milliseconds. */
export interface RanJob {
  readonly sentAtMs: number;
  readonly firstRankMs: number;
  readonly lastRankMs: number;
}

/** What a job's ranks are run by, before their program: agent/launcher/rank.sh and rank.py. */
const WATCHED = "/usr/lib/muster/rank python3 /usr/lib/muster/rank.py";

/**
 * mpiexec by hand on the head, as people call it: milliseconds from its start to that of the last rank's program. `isWatched`: each rank
 * is run as a job's is, which costs time of its own.
 */
export async function bareLaunch(
  { journey, cluster }: BenchCluster,
  { isWatched = false }: { readonly isWatched?: boolean } = {},
): Promise<number> {
  const python = `${isWatched ? WATCHED : "python3"} -c '${STAMP.content}'`;
  const mpiexec = `mpiexec -n ${cluster.cores} -f ${hostfilePath(cluster.uuid)} ${python}`;
  const script = `date +%s.%N; exec ${mpiexec}`;
  const { argv, env } = inNode(cloudPlaces(journey.place.cloudName), cluster.headInstanceId ?? "", [
    ...(["/bin/sh", "-c", script] as const),
  ]);
  return sinceFirst(numbersIn(await output(argv, env)));
}

/** Submits jobs over HTTP, from a program in the cluster's network. */
export interface HttpClient {
  /** To the agent at `address`, all at once; each has ended when it resolves. */
  run(address: string, jobs: number): Promise<readonly RanJob[]>;
  stop(): void;
}

export function startHttpClient(bench: BenchCluster): HttpClient {
  const { journey, operatorToken: token, authorityFile } = bench;
  const program = [process.execPath, "--import", "tsx", join(import.meta.dirname, "client.ts")] as const;
  const [first, ...rest] = inLan(journey.place.cloudName, program);
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authorityFile };
  const child = spawn(first, rest, { stdio: ["pipe", "pipe", "inherit"], env });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(address, jobs) {
      const order: Order = { url: `https://${address}:${AGENT_PORT}`, token, request: STAMP_REQUEST, jobs };
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const sent: Sent[] = [];
      while (sent.length < jobs) {
        const { value, done } = await lines.next();
        if (done) throw new Error("The client in the cluster's network has ended; its reason is above.");
        sent.push(JSON.parse(value) as Sent);
      }
      const ran: RanJob[] = [];
      for (const { jobId, sentAtMs } of sent) ran.push(await ranJob(bench, jobId, sentAtMs));
      return ran;
    },
    stop: () => void child.kill(),
  };
}

/** A job by `muster job submit` in the cluster's network; its submission is the time that the command gave it. */
export async function commandJob(bench: BenchCluster, file: string): Promise<RanJob> {
  const { place } = bench.journey;
  const command = [
    process.execPath,
    join(place.projectRoot, "dist/cli/muster.cjs"),
    "job",
    "submit",
  ] as const;
  const where = ["--org", place.workspace.org, "--cluster", bench.cluster.uuid] as const;
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}` };
  const jobId = await output(inLan(place.cloudName, [...command, ...where, file]), env);
  // To follow it now would slow its ranks down.
  await sleep(1_000);
  return ranJob(bench, jobId.trim(), null);
}

/** Milliseconds from a job's submission to the start of its last rank. */
export const launchMs = (job: RanJob | undefined): number =>
  job === undefined ? Number.NaN : job.lastRankMs - job.sentAtMs;

/** `sentAtMs` null: the job's own time of submission. */
async function ranJob(
  { journey, cluster }: BenchCluster,
  jobId: string,
  sentAtMs: number | null,
): Promise<RanJob> {
  const { org, region } = journey.place.workspace;
  const access = openAccess(org, region);
  const signal = AbortSignal.timeout(120_000);
  const job = await awaitEnd(access, cluster, jobId, 120, { say: () => undefined, signal });
  if (job.status !== "FINISHED") throw new Error(`Job ${jobId} is ${job.status}: ${job.reason}`);
  const starts = numbersIn((await readLog(access, job)).toString()).map((seconds) => seconds * 1000);
  if (starts.length !== job.ranks) throw new Error(`Job ${jobId} has the output of ${starts.length} ranks.`);
  return {
    sentAtMs: sentAtMs ?? Date.parse(job.submittedAt),
    firstRankMs: Math.min(...starts),
    lastRankMs: Math.max(...starts),
  };
}

/** Numbers, one a line. */
export const numbersIn = (lines: string): readonly number[] => lines.split("\n").filter(Boolean).map(Number);

/** Milliseconds from the first of these seconds to the last. */
export const sinceFirst = ([first = Number.NaN, ...rest]: readonly number[]): number =>
  (Math.max(...rest) - first) * 1000;

const inLan = (cloudName: string, argv: readonly string[]): readonly [string, ...string[]] => [
  "nsenter",
  `--net=/run/netns/${cloudPlaces(cloudName).netns}`,
  ...argv,
];

/** Runs a program to its end, for its output; a minute at most. */
const output = (argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv): Promise<string> =>
  runCommand(argv, { env, timeoutSeconds: 60 });
