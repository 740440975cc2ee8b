import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { roleToken } from "../../../agent/contract/tokens.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";
import { memoryMb, messageOf, startProgram } from "./children.js";

/** A gigabyte of output, on its way to S3. */
export interface Delivery {
  readonly name: string;
  /** From the job's end until all of it is in S3. */
  readonly afterEndSeconds: number;
  /** By how much the process has grown, at most. */
  readonly grownMb: number;
}

/** How long a line takes from the rank to those who follow it, in milliseconds, one value a line. */
export interface Follow {
  readonly name: string;
  readonly lineMs: readonly number[];
}

interface Agent {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: string;
}

async function startAgent(work: string, endpoint: string): Promise<Agent> {
  const folder = await mkdtemp(join(work, "records-"));
  const child = await startProgram("agent-process", work, [folder, endpoint]);
  const { port, jobId } = await messageOf<{ port: number; jobId: string }>(child);
  await mkdir(join(folder, jobId, "1"), { recursive: true });
  const output = join(folder, jobId, "1", "output.log");
  await writeFile(output, "");
  return { child, port, output };
}

const PIECE = Buffer.alloc(1_000_000, "0123456789abcde\n");
const PIECES = 1_000;
const PIECES_PER_SECOND = 100;

/** A job that prints 1 GB in 10 s. */
async function print(output: string): Promise<void> {
  const file = await open(output, "a");
  const startedAtMs = performance.now();
  for (let piece = 0; piece < PIECES; piece++) {
    await file.write(PIECE);
    const dueMs = startedAtMs + ((piece + 1) * 1_000) / PIECES_PER_SECOND;
    await sleep(Math.max(0, dueMs - performance.now()));
  }
  await file.close();
}

/** The agent, which stores parts while the job prints; and the peer, the SDK's own uploader, which uploads the file after that. */
export async function measureDeliveries(work: string): Promise<readonly Delivery[]> {
  const s3 = await startProgram("s3-stand-in", work);
  const endpoint = `http://127.0.0.1:${(await messageOf<{ port: number }>(s3)).port}`;
  const measure = async (name: string, how: "deliver" | "upload"): Promise<Delivery> => {
    const { child, output } = await startAgent(work, endpoint);
    const { now } = await memoryMb(child);
    if (how === "deliver") child.send("ship");
    await print(output);
    child.send(how);
    const { seconds } = await messageOf<{ seconds: number }>(child);
    const { most } = await memoryMb(child);
    child.kill("SIGKILL");
    return { name, afterEndSeconds: seconds, grownMb: most - now };
  };
  try {
    return [await measure("muster", "deliver"), await measure("plain upload by the SDK", "upload")];
  } finally {
    s3.kill("SIGKILL");
  }
}

const LINES = 50;
const EVERY_MS = 120;

/** Writes lines with the time in them, and hears when each of them is seen. */
async function timeLines(
  output: string,
  listen: (see: (text: string) => void) => Promise<void>,
): Promise<number[]> {
  const took: number[] = [];
  let rest = "";
  await listen((text) => {
    const nowMs = performance.now();
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    took.push(...lines.map((line) => nowMs - Number(line)));
  });
  for (let line = 0; line < LINES; line++) {
    await appendFile(output, `${performance.now()}\n`);
    await sleep(EVERY_MS * (0.5 + Math.random()));
  }
  while (took.length < LINES) await sleep(10);
  return took;
}

/** The agent's WebSocket, and the peer: `tail -f` of the same file, which inotify wakes at each write. */
export async function measureFollows(work: string): Promise<readonly Follow[]> {
  const { child, port, output } = await startAgent(work, "");
  const jobId = output.split("/").at(-3) ?? "";
  const headers = { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` };
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/jobs/${jobId}/logs/follow`, {
    headers,
    ca: testAuthority(),
  });
  const other = join(work, "tailed.log");
  await writeFile(other, "");
  const tail = spawn("tail", ["-n", "+1", "-f", other], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const ours = await timeLines(output, async (see) => {
      await once(socket, "open");
      socket.on("message", (data) => see(String(data)));
    });
    const peers = await timeLines(
      other,
      async (see) => void tail.stdout.on("data", (data) => see(String(data))),
    );
    return [
      { name: "muster", lineMs: ours },
      { name: "tail -f", lineMs: peers },
    ];
  } finally {
    socket.terminate();
    tail.kill("SIGKILL");
    child.kill("SIGKILL");
  }
}
