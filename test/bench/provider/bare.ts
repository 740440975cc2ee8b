import { spawn } from "node:child_process";
import { once } from "node:events";
import { residentMb } from "./start.js";

/** A Node.js that does nothing: from its start to its end, and the memory of one that waits. */
export interface BareNode {
  readonly wholeMs: number;
  readonly rssMb: number;
}

/** From a Node.js's start to its end, in milliseconds. Fails unless it ends well. Default environment: this process's own. */
export async function nodeMs(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, args, { stdio: "ignore", env });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}.`);
  return performance.now() - startedAtMs;
}

/** Linux only, for /proc. */
export async function measureBareNode(): Promise<BareNode> {
  const wholeMs = await nodeMs(["-e", "0"]);
  const waiting = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 9e5)"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(waiting.stdout, "data");
    return { wholeMs, rssMb: await residentMb(waiting) };
  } finally {
    const ended = once(waiting, "exit");
    waiting.kill("SIGKILL");
    await ended;
  }
}
