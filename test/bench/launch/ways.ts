import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { awaitEnd, openAccess, readLog } from "../../../scripts/journey/steps.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { ENDPOINT_ADDRESS } from "../../../scripts/local/hosts/system/lan.js";
import { runCommand } from "../../../scripts/system/command.js";
import type { Order, Sent } from "./client.js";
import type { BenchCluster } from "./cluster.js";

/** Each rank prints its start, as Unix seconds. */
export const STAMP = { name: "stamp.py", content: "import time\nprint(time.time())\n" };
/** Each rank does, and is done a second later. */
export const SECOND = { name: "second.py", content: `${STAMP.content}time.sleep(1)\n` };

/** A job's submission and its ranks' start, in Unix milliseconds. */
export interface RanJob {
  readonly sentAtMs: number;
  readonly lastRankMs: number;
}

/** Jobs that were submitted at once: from the first submission to the last end, in Unix milliseconds. */
interface RanQueue {
  readonly sentAtMs: number;
  readonly endedAtMs: number;
}

/** Submits jobs over HTTP, from a program in the cluster's network, to the agent at an address. */
export interface HttpClient {
  /** One job that prints its ranks' starts. */
  launch(address: string): Promise<RanJob>;
  /** So many jobs of a second, all at once. */
  queue(address: string, jobs: number): Promise<RanQueue>;
  stop(): void;
}

/** `work`: a folder for what the program needs. */
export async function startHttpClient(bench: BenchCluster, work: string): Promise<HttpClient> {
  const { place, operatorToken: token, authority } = bench;
  const authorityFile = join(work, "ca.pem");
  await writeFile(authorityFile, authority);
  const program = [process.execPath, "--import", "tsx", join(import.meta.dirname, "client.ts")] as const;
  const [first, ...rest] = inLan(place.cloudName, program);
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authorityFile };
  const child = spawn(first, rest, { stdio: ["pipe", "pipe", "inherit"], env, cwd: place.projectRoot });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function send(address: string, script: typeof STAMP, jobs: number): Promise<readonly Sent[]> {
    const request: JobRequest = { command: [script.name], script, timeoutSeconds: 60 };
    const order: Order = { url: `https://${address}:${AGENT_PORT}`, token, request, jobs };
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const sent: Sent[] = [];
    while (sent.length < jobs) {
      const { value, done } = await lines.next();
      if (done) throw new Error("The client in the cluster's network has ended; its reason is above.");
      sent.push(JSON.parse(value) as Sent);
    }
    return sent;
  }

  return {
    async launch(address) {
      const [sent] = await send(address, STAMP, 1);
      return ranJob(bench, sent?.jobId ?? "", sent?.sentAtMs ?? null);
    },
    async queue(address, jobs) {
      const sent = await send(address, SECOND, jobs);
      return {
        sentAtMs: Math.min(...sent.map(({ sentAtMs }) => sentAtMs)),
        endedAtMs: Math.max(...sent.map(({ endedAtMs }) => endedAtMs)),
      };
    },
    stop: () => void child.kill(),
  };
}

/** A job by `muster job submit` in the cluster's network; its submission is the time that the command gave it. */
export async function commandJob(bench: BenchCluster, file: string): Promise<RanJob> {
  const { place } = bench;
  const command = [
    process.execPath,
    join(place.projectRoot, "dist/cli/muster.cjs"),
    "job",
    "submit",
  ] as const;
  const where = ["--org", place.workspace.org, "--cluster", bench.cluster.uuid] as const;
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://${ENDPOINT_ADDRESS}` };
  const argv = inLan(place.cloudName, [...command, ...where, file]);
  const jobId = await runCommand(argv, { env, timeoutSeconds: 60 });
  // To follow it now would slow its ranks down.
  await sleep(1_000);
  return ranJob(bench, jobId.trim(), null);
}

/** Milliseconds from a job's submission to the start of its last rank. */
export const launchMs = ({ sentAtMs, lastRankMs }: RanJob): number => lastRankMs - sentAtMs;

/** `sentAtMs` null: the job's own time of submission. */
async function ranJob(
  { place, cluster }: BenchCluster,
  jobId: string,
  sentAtMs: number | null,
): Promise<RanJob> {
  const { org, region } = place.workspace;
  const access = openAccess(org, region);
  const signal = AbortSignal.timeout(120_000);
  const job = await awaitEnd(access, cluster, jobId, 120, { say: () => undefined, signal });
  if (job.status !== "FINISHED") throw new Error(`Job ${jobId} is ${job.status}: ${job.reason}`);
  const starts = numbersIn((await readLog(access, job)).toString()).map((seconds) => seconds * 1000);
  if (starts.length !== job.ranks) throw new Error(`Job ${jobId} has the output of ${starts.length} ranks.`);
  return { sentAtMs: sentAtMs ?? Date.parse(job.submittedAt), lastRankMs: Math.max(...starts) };
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
