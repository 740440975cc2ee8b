import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Cgroups } from "./cgroups.js";
import { type ConfinedOptions, joined } from "./confined.js";
import { identityOf, type ProcessIdentity } from "./processes.js";
import { createReadyProcesses, type ReadyProcess, type ReadyProcesses } from "./ready-processes.js";

/** What a held shell becomes. */
interface HeldProgram {
  readonly argv: readonly string[];
  /** Beside the shell's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files that it has open for writing, by the descriptor, 1 to 9: root opens them, so their folders are to be root's alone. */
  readonly files: readonly {
    readonly descriptor: number;
    readonly path: string;
    readonly appends: boolean;
  }[];
}

/**
 * A shell in a session and a cgroup of its own that waits for its program, and then becomes it: its process id stays. Until then it is
 * root's, so that no job can get at it. It ends with the agent, if it waits then.
 */
export interface HeldShell extends ReadyProcess {
  /** The name of its cgroup, of the kind that it was made for. */
  readonly group: string;
  readonly identity: ProcessIdentity;
  /** Call it once. `onExit` with the code, or null and the signal. */
  become(program: HeldProgram, onExit: (code: number | null, signal: NodeJS.Signals | null) => void): void;
}

interface HeldShellOptions extends Pick<ConfinedOptions, "ownMemory"> {
  readonly kind: "job" | "launch";
  /** How many wait. */
  readonly ready: number;
  readonly environment: Readonly<Record<string, string>>;
}

const PREFIX = "held-";
/** The last word is for people who look at the processes of a node. */
const SHELL = ["/bin/sh", "-eus", "--", "muster-held"];

/** Keeps shells for programs that a job's launch waits for. */
export const createHeldShells = (cgroups: Cgroups, options: HeldShellOptions): ReadyProcesses<HeldShell> =>
  createReadyProcesses(() => begin(cgroups, options), options.ready);

/** Removes the groups of shells that waited when an agent ended, and of those that it had not remembered. `groups`: the remembered ones. */
export async function endLeftShells(
  cgroups: Pick<Cgroups, "ids" | "empty">,
  kind: HeldShellOptions["kind"],
  groups: readonly string[],
): Promise<void> {
  const left = (await cgroups.ids(kind)).filter((id) => id.startsWith(PREFIX) && !groups.includes(id));
  await Promise.all(left.map((id) => cgroups.empty(kind, id)));
}

async function begin(
  cgroups: Cgroups,
  { kind, environment, ownMemory = false }: HeldShellOptions,
): Promise<HeldShell> {
  const group = `${PREFIX}${randomUUID()}`;
  const folder = await cgroups.make(kind, group);
  const empty = () => cgroups.empty(kind, group);
  try {
    const [program, ...words] = [...joined(folder, { ownMemory }), ...SHELL];
    const child = spawn(program, words, {
      cwd: "/",
      env: { ...environment },
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    await once(child, "spawn");
    child.unref();
    const pid = child.pid ?? 0;
    const identity = (await identityOf(pid)) ?? { pid, startTicks: "gone" };
    return {
      ...{ child, group, identity, empty },
      become(what, onExit) {
        child.once("exit", onExit);
        child.stdin.end(textOf(what));
        if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      },
    };
  } catch (error) {
    await empty();
    throw error;
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** What the shell reads: all of it before it does any of it, for its standard input is another then. Pure. */
function textOf({ argv, environment, files }: HeldProgram): string {
  const opened = files.map(
    ({ descriptor, path, appends }) => `${descriptor}${appends ? ">>" : ">"}${quoted(path)}`,
  );
  const exported = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `{\nexec </dev/null ${opened.join(" ")}\nexec 2>&1\n${exported.join("")}exec ${argv.map(quoted).join(" ")}\n}\n`;
}
