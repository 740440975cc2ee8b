import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { roleToken } from "../../../agent/contract/tokens.js";
import { runCommand } from "../../../scripts/system/command.js";
import { CLUSTER_SECRET, testAuthority } from "../../support/agent/tls.js";
import type { Sizes } from "../sizes.js";
import { memoryMb, messageOf, startAsAgent, startProgram } from "./children.js";

/** A job's output of so many bytes, printed as fast as it can be, on its way to S3. */
export interface Delivery {
  readonly bytes: number;
  /** The agent stores parts while the job prints. */
  readonly ours: {
    readonly printSeconds: number;
    /** From the job's end until all of it is in S3. */
    readonly afterEndSeconds: number;
    /** By how much the agent's process has grown, at most. */
    readonly grownMb: number;
  };
  /** Nothing else runs while it prints; then the SDK's own uploader copies all of it. */
  readonly peer: { readonly printSeconds: number; readonly copySeconds: number };
}

/** How long a line takes from the rank to each of those who follow it, in milliseconds, one value a line and watcher. */
export interface Follow {
  readonly watchers: number;
  readonly lineMs: readonly number[];
}

interface Agent {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: string;
}

async function startAgent(work: string, endpoint: string): Promise<Agent> {
  const folder = await mkdtemp(join(work, "records-"));
  const child = await startAsAgent("agent-process", work, [folder, endpoint]);
  const { port, jobId } = await messageOf<{ port: number; jobId: string }>(child);
  await mkdir(join(folder, jobId, "1"), { recursive: true });
  const output = join(folder, jobId, "1", "output.log");
  await writeFile(output, "");
  return { folder, child, port, output };
}

const PRINT_LIMIT_SECONDS = 600;

/** A job that prints so much: seconds. */
async function print(bytes: number, output: string): Promise<number> {
  const startedAtMs = performance.now();
  const script = 'yes 0123456789abcde | head -c "$1" | cat >>"$2"';
  await runCommand(["/bin/sh", "-c", script, "print", String(bytes), output], {
    timeoutSeconds: PRINT_LIMIT_SECONDS,
  });
  return (performance.now() - startedAtMs) / 1_000;
}

/** The peer first, in an agent's process of its own that looks at nothing meanwhile. */
export async function measureDelivery(work: string, bytes: number): Promise<Delivery> {
  const s3 = await startProgram("s3-stand-in", work);
  const endpoint = `http://127.0.0.1:${(await messageOf<{ port: number }>(s3)).port}`;
  const measure = async (how: "deliver" | "upload") => {
    const { folder, child, output } = await startAgent(work, endpoint);
    try {
      const { now } = await memoryMb(child);
      if (how === "deliver") child.send("ship");
      const printSeconds = await print(bytes, output);
      child.send(how);
      const { seconds } = await messageOf<{ seconds: number }>(child);
      return { printSeconds, seconds, grownMb: (await memoryMb(child)).most - now };
    } finally {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    }
  };
  try {
    const peer = await measure("upload");
    const ours = await measure("deliver");
    return {
      bytes,
      ours: {
        printSeconds: ours.printSeconds,
        afterEndSeconds: ours.seconds,
        grownMb: ours.grownMb,
      },
      peer: { printSeconds: peer.printSeconds, copySeconds: peer.seconds },
    };
  } finally {
    s3.kill("SIGKILL");
  }
}

const EVERY_MS = 120;

/** Hears what has come of the output, piece by piece. */
type See = (text: string) => void;

/** Writes lines with the time in them, and hears when each of them is seen by each of those who `listen`. */
async function timeLines(
  output: string,
  lines: number,
  listeners: readonly ((see: See) => Promise<void>)[],
): Promise<readonly number[]> {
  const took: number[] = [];
  await Promise.all(listeners.map((listen) => listen(timing(took))));
  for (let line = 0; line < lines; line += 1) {
    await appendFile(output, `${performance.now()}\n`);
    await sleep(EVERY_MS * (0.5 + Math.random()));
  }
  while (took.length < lines * listeners.length) await sleep(10);
  return took;
}

function timing(took: number[]): See {
  let rest = "";
  return (text) => {
    const nowMs = performance.now();
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    took.push(...lines.map((line) => nowMs - Number(line)));
  };
}

/** The agent's WebSocket, and the peer: `tail -f` of a file on this machine, which inotify wakes at each write. ssh would only add to it. */
export async function measureFollows(
  work: string,
  { watchers, followedLines }: Pick<Sizes, "watchers" | "followedLines">,
): Promise<{ readonly ours: readonly Follow[]; readonly peer: Follow }> {
  const ours: Follow[] = [];
  for (const count of watchers) ours.push(await followAgent(work, count, followedLines));
  return { ours, peer: await followTail(work, followedLines) };
}

async function followAgent(work: string, watchers: number, lines: number): Promise<Follow> {
  const { child, port, output } = await startAgent(work, "");
  const jobId = output.split("/").at(-3) ?? "";
  const options = {
    headers: { authorization: `Bearer ${roleToken(CLUSTER_SECRET, "reader")}` },
    ca: testAuthority(),
  };
  const url = `wss://127.0.0.1:${port}/v1/jobs/${jobId}/logs/follow`;
  const sockets = Array.from({ length: watchers }, () => new WebSocket(url, options));
  const listenTo = (socket: WebSocket) => async (see: See) => {
    socket.on("message", (data) => see(String(data)));
    await once(socket, "open");
  };
  try {
    return { watchers, lineMs: await timeLines(output, lines, sockets.map(listenTo)) };
  } finally {
    for (const socket of sockets) socket.terminate();
    child.kill("SIGKILL");
  }
}

async function followTail(work: string, lines: number): Promise<Follow> {
  const file = join(work, "tailed.log");
  await writeFile(file, "");
  const tail = spawn("tail", ["-n", "+1", "-f", file], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const listen = async (see: See) => void tail.stdout.on("data", (data) => see(String(data)));
    return { watchers: 1, lineMs: await timeLines(file, lines, [listen]) };
  } finally {
    tail.kill("SIGKILL");
  }
}
