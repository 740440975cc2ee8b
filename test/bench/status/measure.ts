import type { ChildProcess } from "node:child_process";
import { runCommand } from "../../../scripts/system/command.js";
import { messageOf, startProgram } from "../logs/children.js";
import { byTurns, median } from "../median.js";
import type { Sizes } from "../sizes.js";

/** Answers over 32 connections, one question after the other on each. */
interface StatusFigures {
  readonly name: string;
  /** Whether the goals are for it. */
  readonly hasGoal: boolean;
  readonly perSecond: number;
  readonly p99Ms: number;
}

const CONNECTIONS = 32;

/** All of a run. `jobReads`: how often the registry was read for an answer about a job. */
export interface StatusRun {
  readonly hello: StatusFigures;
  readonly ours: readonly StatusFigures[];
  readonly jobReads: number;
}

/** The server has one core, and who asks has another. */
async function pin({ pid }: ChildProcess, core: number): Promise<void> {
  await runCommand(["taskset", "-a", "-p", "-c", String(core), String(pid)], { timeoutSeconds: 10 });
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

async function serve(program: string, work: string, args: readonly string[] = []): Promise<Server> {
  const child = await startProgram(`../status/${program}`, work, args);
  const { port } = await messageOf<{ port: number }>(child);
  await pin(child, 0);
  return { child, port };
}

type Answers = Pick<StatusFigures, "perSecond" | "p99Ms">;

async function ask({ port }: Server, path: string, seconds: number, work: string): Promise<Answers> {
  const load = await startProgram(
    "../status/load-process",
    work,
    [port, CONNECTIONS, seconds, path].map(String),
  );
  await pin(load, 1);
  try {
    return await messageOf(load);
  } finally {
    load.kill("SIGKILL");
  }
}

const STATUS = "/v1/status";

/**
 * A bare fastify that answers hello, the peer; the status of a head of 4 and of 1,000 nodes; and a job. Asked in turns, so that whatever
 * else the machine does meets all of them.
 */
export async function measureStatus(
  work: string,
  { statusSeconds, statusTurns }: Pick<Sizes, "statusSeconds" | "statusTurns">,
): Promise<StatusRun> {
  const hello = await serve("hello-process", work);
  const small = await serve("agent-process", work, ["4"]);
  const large = await serve("agent-process", work, ["1000"]);
  const of = (server: Server, path: string) => () => ask(server, path, statusSeconds, work);
  try {
    const turns = await byTurns(
      {
        hello: of(hello, STATUS),
        small: of(small, STATUS),
        large: of(large, STATUS),
        job: of(small, "/v1/jobs/job-1"),
      },
      statusTurns,
    );
    const figures = (name: string, hasGoal: boolean, answers: readonly Answers[]): StatusFigures => ({
      ...{ name, hasGoal },
      perSecond: median(answers.map(({ perSecond }) => perSecond)),
      p99Ms: median(answers.map(({ p99Ms }) => p99Ms)),
    });
    const answered = statusSeconds * turns.job.reduce((sum, { perSecond }) => sum + perSecond, 0);
    small.child.send("reads");
    const { reads } = await messageOf<{ reads: number }>(small.child);
    return {
      jobReads: reads / answered,
      hello: figures("fastify hello", false, turns.hello),
      ours: [
        figures("GET /v1/status, 4 nodes", true, turns.small),
        figures("GET /v1/status, 1,000 nodes", false, turns.large),
        figures("GET /v1/jobs/:id", true, turns.job),
      ],
    };
  } finally {
    for (const { child } of [hello, small, large]) child.kill("SIGKILL");
  }
}
