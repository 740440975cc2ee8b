import type { ChildProcess } from "node:child_process";
import { runCommand } from "../../../scripts/system/command.js";
import { messageOf, startProgram } from "../logs/children.js";
import { median } from "../report.js";
import type { StatusFigures } from "./report.js";

const CONNECTIONS = 32;
const SECONDS = 2;
const ROUNDS = 5;

/** The server has one core, and who asks has another. */
async function pin({ pid }: ChildProcess, core: number): Promise<void> {
  await runCommand(["taskset", "-a", "-p", "-c", String(core), String(pid)], { timeoutSeconds: 10 });
}

interface Server {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
}

async function serve(
  name: string,
  program: string,
  work: string,
  args: readonly string[] = [],
): Promise<Server> {
  const child = await startProgram(`../status/${program}`, work, args);
  const { port } = await messageOf<{ port: number }>(child);
  await pin(child, 0);
  return { name, child, port };
}

async function ask({ port }: Server, work: string): Promise<Omit<StatusFigures, "name">> {
  const args = [port, CONNECTIONS, SECONDS].map(String);
  const load = await startProgram("../status/load-process", work, args);
  await pin(load, 1);
  try {
    return await messageOf(load);
  } finally {
    load.kill("SIGKILL");
  }
}

/**
 * A bare fastify that answers hello, the peer, first; then the status of a head of 4 and of 1,000 nodes. Asked in turns, so that whatever
 * else the machine does meets all of them.
 */
export async function measureStatus(work: string): Promise<readonly StatusFigures[]> {
  const servers = [
    await serve("fastify hello", "hello-process", work),
    await serve("muster, 4 nodes", "agent-process", work, ["4"]),
    await serve("muster, 1,000 nodes", "agent-process", work, ["1000"]),
  ];
  try {
    const rounds = new Map<Server, Omit<StatusFigures, "name">[]>(servers.map((server) => [server, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of servers) rounds.get(server)?.push(await ask(server, work));
    }
    return [...rounds].map(([{ name }, measured]) => ({
      name,
      perSecond: median(measured.map(({ perSecond }) => perSecond)),
      p99Ms: median(measured.map(({ p99Ms }) => p99Ms)),
    }));
  } finally {
    for (const { child } of servers) child.kill("SIGKILL");
  }
}
