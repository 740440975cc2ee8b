import { spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Programs } from "../core/programs.js";
import { groupsBelow, listProcesses } from "./process-groups.js";

interface Following extends Readonly<Parameters<Programs["follow"]>[1]> {
  /** Default: this process's. */
  readonly cwd?: string;
}

/**
 * See Programs. It is in a process group of its own: what a Ctrl-C means for it is decided here. What it runs in a pseudo-terminal gets the
 * SIGINT in its place: cdktf would end at once, close the terminal, and Terraform would die of that with its state locked. Terraform
 * alone ends in order, and cdktf after it.
 */
export const followProgram = (
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, onLine, stop, graceMs }: Following,
): Promise<number> => {
  stop.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let timer: NodeJS.Timeout | undefined;
    const signal = (name: NodeJS.Signals): void => {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (child.pid !== undefined && isRunning) process.kill(-child.pid, name);
    };
    const kill = (): void => {
      signal("SIGKILL");
      // What it has started elsewhere may live on and keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const interrupt = (): void => {
      if (!interruptBelow(child.pid)) signal("SIGINT");
      timer = setTimeout(kill, graceMs);
    };
    stop.addEventListener("abort", interrupt, { once: true });
    const settle = (): void => {
      stop.removeEventListener("abort", interrupt);
      clearTimeout(timer);
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    child.once("error", (error) => {
      settle();
      reject(error);
    });
    child.once("close", (code, endSignal) => {
      settle();
      resolve(code ?? 128 + (endSignal === null ? 0 : constants.signals[endSignal]));
    });
  });
};

/** Whether there was a process with a group of its own below this one to get the SIGINT. */
function interruptBelow(pid: number | undefined): boolean {
  const leaders = pid === undefined ? [] : groupsBelow(pid, listProcesses());
  return leaders.filter((leader) => sendInterrupt(leader)).length > 0;
}

/** False: it has ended. */
function sendInterrupt(pid: number): boolean {
  try {
    return process.kill(pid, "SIGINT");
  } catch {
    return false;
  }
}
