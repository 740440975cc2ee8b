import { join } from "node:path";
import { AGENT_PORT, AUTHORITY_FILE } from "../../agent/contract/names.js";
import { type JourneyPlace, placeJourney } from "../../scripts/journey/place.js";
import { createProgress } from "../../scripts/journey/progress.js";
import { nothingSeen } from "../../scripts/journey/report.js";
import type { Journey } from "../../scripts/journey/run.js";
import { setUp } from "../../scripts/setup/set-up.js";
import { runInNode } from "./run-in-node.js";

export { runInNode } from "./run-in-node.js";

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
    `url = "https://${node.address}:${AGENT_PORT}${request.path}"`,
    `cacert = "${AUTHORITY_FILE}"`,
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
