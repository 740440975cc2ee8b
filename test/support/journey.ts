import { spawn } from "node:child_process";
import { join } from "node:path";
import { type JourneyPlace, placeJourney } from "../../scripts/journey/place.js";
import { createProgress } from "../../scripts/journey/progress.js";
import { nothingSeen } from "../../scripts/journey/report.js";
import type { Journey } from "../../scripts/journey/run.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { inNode } from "../../scripts/local/hosts/exec.js";
import { setUp } from "../../scripts/setup/set-up.js";

const PROJECT = join(__dirname, "../..");

/** A journey in its own local cloud; a test calls its steps in any order. Its output goes to stderr. */
export async function startTestJourney(cloudName: string): Promise<Journey> {
  const { env } = await setUp({ projectRoot: PROJECT, say: () => undefined });
  Object.assign(process.env, env);
  return {
    place: placeJourney(PROJECT, cloudName, "us-east-1"),
    env,
    progress: createProgress(process.stderr, Date.now()),
    signal: new AbortController().signal,
    seen: nothingSeen(),
  };
}

export interface NodeRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program as root in a node to its end, with `input` on stdin: the place for what must not be in argv. */
export function runInNode(
  { cloudName }: JourneyPlace,
  instanceId: string,
  argv: readonly [string, ...string[]],
  input = "",
): Promise<NodeRun> {
  const { argv: outer, env } = inNode(cloudPlaces(cloudName), instanceId, argv);
  const [program, ...args] = outer;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, timeout: 60_000, killSignal: "SIGKILL" });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
    // A program may end without reading its input.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

export interface HttpReply {
  readonly status: number;
  readonly body: unknown;
}

/** An HTTP request to a node's agent, from that node. The token travels on curl's stdin. */
export async function requestAgent(
  place: JourneyPlace,
  node: { readonly id: string; readonly address: string },
  request: { path: string; token?: string; body?: unknown; headers?: Record<string, string> },
): Promise<HttpReply> {
  const lines = [
    `url = "http://${node.address}:8470${request.path}"`,
    'write-out = "\\n%{http_code}"',
    "silent",
  ];
  if (request.token !== undefined) lines.push(`header = "authorization: Bearer ${request.token}"`);
  for (const [name, value] of Object.entries(request.headers ?? {}))
    lines.push(`header = "${name}: ${value}"`);
  if (request.body !== undefined) {
    lines.push(
      'header = "content-type: application/json"',
      `data = ${JSON.stringify(JSON.stringify(request.body))}`,
    );
  }
  const { stdout } = await runInNode(
    place,
    node.id,
    ["curl", "--max-time", "10", "--config", "-"],
    lines.join("\n"),
  );
  const split = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(split + 1)), body: JSON.parse(stdout.slice(0, split)) as unknown };
}
