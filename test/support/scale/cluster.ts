import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { systemClock } from "../../../agent/time/clock.js";
import { OLDEST_NODE } from "../../../scripts/build/oldest-node.js";
import { type NodesSeen, type SimulatedNode, simulateNode } from "./nodes.js";
import { type CountedRegistry, countedRegistry } from "./registry.js";

/** A whole agent in a process of its own. */
interface HeadProcess {
  readonly id: string;
  readonly address: string;
  readonly child: ChildProcess;
}

/** Simulated nodes, and two whole agents of which one is their head. */
export interface SimulatedCluster {
  readonly registry: CountedRegistry;
  readonly nodes: readonly SimulatedNode[];
  readonly seen: NodesSeen;
  /** The head that META names. */
  head(): HeadProcess;
  /** The addresses in the hostfile that the head has written. */
  hosts(): Promise<readonly string[]>;
  /** Resident memory of the head, in MB. */
  headMb(): Promise<number>;
  /** Kills the head as a crash would. */
  killHead(): void;
  stop(): Promise<void>;
}

/** The agent's flags and its allocator's: agent/image/muster-agent.service. */
const AGENT_FLAGS = ["--max-old-space-size=96", "--max-semi-space-size=1"];
const AGENT_MALLOC = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_MMAP_THRESHOLD_: "32768",
};
const HEADS = 2;

/** Starts two agents and, once one of them is head, `count` simulated nodes at once. */
export async function simulateCluster(count: number, ttlSeconds: number): Promise<SimulatedCluster> {
  const registry = countedRegistry(count + HEADS);
  const folder = await mkdtemp(join(tmpdir(), "muster-scale-"));
  const program = await bundle(folder);
  const hostfileOf = (id: string) => join(folder, `hostfile-${id}`);
  const heads: HeadProcess[] = [];
  for (let n = 1; n <= HEADS; n += 1) heads.push(await startHead(n));
  await until("a head", () => registry.meta().headInstanceId !== null);
  const seen: NodesSeen = { lastWelcomeAtMs: 0, takesAtMs: [], statuses: 0, statusNodes: 0 };
  const nodes = Array.from({ length: count }, (_, n) =>
    simulateNode(n + 1, registry.lease, ttlSeconds * 1_000, seen),
  );

  async function startHead(n: number): Promise<HeadProcess> {
    const id = `i-${n}`;
    const address = `127.0.14.${n}`;
    const child = fork(program, [String(n), address, String(ttlSeconds), hostfileOf(id)], {
      ...{ execArgv: AGENT_FLAGS, stdio: ["ignore", "inherit", "inherit", "ipc"] },
      env: { ...process.env, ...AGENT_MALLOC },
    });
    registry.serve(child);
    await new Promise<void>((done, failed) => {
      child.on("message", (message) => message === "ready" && done());
      child.once("exit", (code) => failed(new Error(`the agent ${id} ended: ${String(code)}`)));
    });
    return { id, address, child };
  }

  function head(): HeadProcess {
    const { headInstanceId } = registry.meta();
    const found = heads.find(({ id }) => id === headInstanceId);
    if (found === undefined) throw new Error(`no agent has the id ${headInstanceId}`);
    return found;
  }

  return {
    ...{ registry, nodes, seen, head },
    async hosts() {
      const text = await readFile(hostfileOf(head().id), "utf8").catch(() => "");
      return text.split("\n").flatMap((line) => line.split(":")[0] || []);
    },
    async headMb() {
      const status = await readFile(`/proc/${head().child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
    },
    killHead: () => void head().child.kill("SIGKILL"),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      for (const { child } of heads) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, "head.cjs");
  await build({
    entryPoints: [resolve("test/support/scale/head-process.ts")],
    ...{ outfile, bundle: true, platform: "node", format: "cjs", target: `node${OLDEST_NODE}` },
    logLevel: "warning",
  });
  return outfile;
}

const LIMIT_MS = 90_000;

/** Looks every 20 ms until it is true; gives how long that took, in seconds. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<number> {
  const fromMs = systemClock.monotonicMs();
  while (!(await isTrue())) {
    if (systemClock.monotonicMs() - fromMs > LIMIT_MS) throw new Error(`${what}: not within ${LIMIT_MS} ms`);
    await systemClock.sleep(20);
  }
  return (systemClock.monotonicMs() - fromMs) / 1_000;
}
