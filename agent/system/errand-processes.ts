import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedUser, confined } from "./confined.js";
import { createReadyProcesses, type ReadyProcesses } from "./ready-processes.js";

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

/** The last word is for people who look at the processes of a node. */
const SHELL = ["/bin/sh", "-eus", "--", "muster-errand"];
const ENVIRONMENT = { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

/** Keeps `ready` processes waiting. `variables` are in the environment of each. */
export const createErrandProcesses = (
  cgroups: Cgroups,
  user: ConfinedUser,
  { ready, variables }: { readonly ready: number; readonly variables: Readonly<Record<string, string>> },
): ReadyProcesses<ErrandProcess> =>
  createReadyProcesses(() => begin(cgroups, user, { ...variables, ...ENVIRONMENT }), ready);

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
    // In a session of its own: the agent's comes before others.
    detached: true,
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
