import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { hostfilePath } from "../../../agent/contract/names.js";
import type { JobItem, JobRequest } from "../../../agent/contract/registry.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import type { Order, Sent } from "./client.js";
import type { BenchCluster } from "./cluster.js";

/** Each rank prints its start, as Unix seconds. */
export const STAMP = { name: "stamp.py", content: "import time\nprint(time.time())\n" };
const STAMP_REQUEST: JobRequest = { command: [STAMP.name], script: STAMP, timeoutSeconds: 60 };

/** From the submission, or mpiexec's start, to the start of the last rank: milliseconds. */
export type Launches = readonly number[];
/** A job's submission and its ranks' start and end, in Unix milliseconds. */
export interface RanJob {
  readonly sentAtMs: number;
  readonly firstRankMs: number;
  readonly lastRankMs: number;
  readonly job: JobItem;
}

/** mpiexec by hand on the head, as people call it. */
export async function bareLaunches({ journey, cluster }: BenchCluster, runs: number): Promise<Launches> {
  const mpiexec = `mpiexec -n ${cluster.cores} -f ${hostfilePath(cluster.uuid)} python3 -c '${STAMP.content}'`;
  const places = cloudPlaces(journey.place.cloudName);
  const launches: number[] = [];
  for (let run = 0; run < runs; run++) {
    const script = `date +%s.%N; exec ${mpiexec}`;
    const { argv, env } = inNode(places, cluster.headInstanceId ?? "", ["/bin/sh", "-c", script]);
    launches.push(sinceFirst(numbersIn(await output(argv, { env }))));
  }
  return launches;
}

/** As jobs, over HTTP to the agent at `address`. */
export async function httpJobs(
  bench: BenchCluster,
  address: string,
  jobs: number,
  { atOnce = false } = {},
): Promise<readonly RanJob[]> {
  const { journey, operatorToken: token } = bench;
  const order: Order = { url: `http://${address}:8470`, token, request: STAMP_REQUEST, jobs, atOnce };
  const client = [process.execPath, "--import", "tsx", join(import.meta.dirname, "client.ts")] as const;
  const { netns } = cloudPlaces(journey.place.cloudName);
  const lines = await output(inLan(netns, client), { input: JSON.stringify(order) });
  const sent = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Sent);
  const ran: RanJob[] = [];
  for (const { jobId, sentAtMs } of sent) ran.push(await ranJob(bench, jobId, sentAtMs));
  return ran;
}

/** As jobs, by `muster job submit` in the cluster's network. */
export async function commandJobs(
  bench: BenchCluster,
  jobs: number,
  file: string,
): Promise<readonly RanJob[]> {
  const { place } = bench.journey;
  const { netns } = cloudPlaces(place.cloudName);
  const { org } = place.workspace;
  const command = [
    process.execPath,
    join(place.projectRoot, "dist/cli/muster.cjs"),
    "job",
    "submit",
  ] as const;
  const argv = [...command, "--org", org, "--cluster", bench.cluster.uuid, file] as const;
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}` };
  const ran: RanJob[] = [];
  for (let job = 0; job < jobs; job++) {
    const jobId = (await output(inLan(netns, argv), { env })).trim();
    ran.push(await ranJob(bench, jobId, null));
  }
  return ran;
}

export const launchMs = ({ sentAtMs, lastRankMs }: RanJob): number => lastRankMs - sentAtMs;

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
    job,
  };
}

const numbersIn = (lines: string): readonly number[] => lines.split("\n").filter(Boolean).map(Number);

const sinceFirst = ([first = Number.NaN, ...rest]: readonly number[]): number =>
  (Math.max(...rest) - first) * 1000;

const inLan = (netns: string, argv: readonly string[]): readonly [string, ...string[]] => [
  "nsenter",
  `--net=/run/netns/${netns}`,
  ...argv,
];

/** Runs a program to its end, for its output; 120 s at most. */
async function output(
  [program, ...args]: readonly [string, ...string[]],
  { env = process.env, input = "" }: { readonly env?: NodeJS.ProcessEnv; readonly input?: string },
): Promise<string> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"], timeout: 120_000 });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const end = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [said, code] = await Promise.all([text(child.stdout), end]);
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ""} ended with ${code}.`);
  return said;
}
