import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined } from "./confined.js";

/**
 * A shell that does what comes by its standard input, after an empty line. It has more to read at 3 and at 4. Until the line comes it is
 * root's, so that no job can get at it; then it is the job user's.
 */
export interface ErrandProcess {
  readonly child: ChildProcess & {
    readonly stdin: Writable;
    readonly stdout: Readable;
    readonly stderr: Readable;
    readonly stdio: readonly [Writable, Readable, Readable, Writable, Writable];
  };
  /** Kills it, and all that it has started, and closes the pipes that something of it may hold open. May run twice. */
  empty(): Promise<void>;
}

/** The processes of errands. */
export interface ErrandProcesses {
  /** One that waits already, where it is urgent and there is one; otherwise a new one. It is for one errand. */
  take(isUrgent: boolean): Promise<ErrandProcess>;
  /** Ends those that wait, and keeps none any more. */
  close(): Promise<void>;
}

/** The last word is for people who look at the processes of a node. */
const SHELL = ["/bin/sh", "-eus", "--", "muster-errand"];
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };
/** New ones are started only when nothing has been urgent for so long: a launch needs the processors for itself. */
const QUIET_MS = 1_000;

/**
 * Keeps `ready` processes waiting: to start one, with its cgroup, takes five times as long as to use one that waits. Where a process
 * has ended meanwhile, or the agent could start none, a new one takes its place. `variables` are in the environment of each.
 */
export function createErrandProcesses(
  cgroups: Cgroups,
  user: ConfinedUser,
  { ready, variables }: { readonly ready: number; readonly variables: Readonly<Record<string, string>> },
): ErrandProcesses {
  const start = () => begin(cgroups, user, { ...variables, ...ENVIRONMENT });
  const waiting: Promise<ErrandProcess | null>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function fillSoon(): void {
    if (timer !== null) clearTimeout(timer);
    timer = isClosed || ready === 0 ? null : setTimeout(fill, QUIET_MS).unref();
  }

  function fill(): void {
    while (waiting.length < ready) waiting.push(start().catch(() => null));
  }

  async function next(): Promise<ErrandProcess | null> {
    const process = (await waiting.shift()) ?? null;
    if (process === null || (process.child.exitCode === null && process.child.signalCode === null))
      return process;
    await process.empty();
    return null;
  }

  fillSoon();
  return {
    async take(isUrgent) {
      const process = isUrgent ? await next() : null;
      if (isUrgent) fillSoon();
      return process ?? start();
    },
    async close() {
      isClosed = true;
      fillSoon();
      const left = await Promise.all(waiting.splice(0));
      await Promise.all(left.map((process) => process?.empty()));
    },
  };
}

async function begin(
  cgroups: Cgroups,
  user: ConfinedUser,
  env: Readonly<Record<string, string>>,
): Promise<ErrandProcess> {
  const id = randomUUID();
  const folder = await cgroups.make("errand", id);
  const [program, ...args] = confined(folder, user, SHELL, { isHeld: true });
  const child = spawn(program, args, {
    cwd: "/",
    env,
    stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
  });
  const empty = () => cgroups.empty("errand", id);
  try {
    await once(child, "spawn");
  } catch (error) {
    await empty();
    throw error;
  }
  // One that waits is not listened to: whether it has ended is seen when it is taken.
  for (const emitter of [child, ...child.stdio]) emitter?.on("error", () => undefined);
  return { child: child as unknown as ErrandProcess["child"], empty };
}
