import { spawn } from "node:child_process";
import type { JourneyPlace } from "../../scripts/journey/place.js";
import { cloudPlaces } from "../../scripts/local/hosts/cloud.js";
import { inNode } from "../../scripts/local/hosts/exec.js";

export interface NodeRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program as root in a node to its end, with `input` on stdin: the place for what must not be in argv. */
export function runInNode(
  { cloudName }: Pick<JourneyPlace, "cloudName">,
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
