import { isDeepStrictEqual } from "node:util";
import { runProgram } from "../../../scripts/system/program.js";

/** A folder with a synthesised stack, and the real `terraform` on it. Each call fails with Terraform's last lines. */
export interface RootModule {
  /** Initialises it first. */
  apply(): Promise<void>;
  /** What a plan would change, as "<resource type>.<attribute>", sorted, each once; empty where nothing. */
  plannedChanges(): Promise<readonly string[]>;
  /** Addresses of what is in the state. */
  stateList(): Promise<readonly string[]>;
  destroy(): Promise<void>;
}

interface ResourceChange {
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

const LIMIT_MS = 600_000;
const SHOWN_CHARS = 4000;
/** The exit code of such a plan. */
const HAS_CHANGES = 2;

const failure = (command: string, exitCode: number | null, output: string): Error =>
  new Error(`terraform ${command} ended with ${exitCode}:\n${output.slice(-SHOWN_CHARS)}`);

export function openRootModule(
  terraform: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): RootModule {
  async function end(...args: [string, ...string[]]) {
    const lines: string[] = [];
    const { exitCode } = await runProgram([terraform, ...args, "-no-color"], {
      cwd: folder,
      env,
      signal: AbortSignal.timeout(LIMIT_MS),
      onLine: (line) => lines.push(line),
    });
    return { exitCode, output: lines.join("\n") };
  }

  async function run(...args: [string, ...string[]]): Promise<string> {
    const { exitCode, output } = await end(...args);
    if (exitCode === 0) return output;
    throw failure(args[0], exitCode, output);
  }

  return {
    async apply() {
      await run("init", "-input=false");
      await run("apply", "-auto-approve", "-input=false");
    },
    async plannedChanges() {
      const { exitCode, output } = await end("plan", "-detailed-exitcode", "-input=false", "-out=plan");
      if (exitCode === 0) return []; // By Terraform's own word; to show the plan would load both providers' schemas once more.
      if (exitCode !== HAS_CHANGES) throw failure("plan", exitCode, output);
      const { resource_changes } = JSON.parse(await run("show", "-json", "plan")) as {
        readonly resource_changes?: readonly ResourceChange[];
      };
      return [...new Set((resource_changes ?? []).flatMap(changedAttributes))].sort();
    },
    stateList: async () => (await run("state", "list")).split("\n").filter((line) => line !== ""),
    async destroy() {
      await run("destroy", "-auto-approve", "-input=false");
    },
  };
}

/** A resource that is made or destroyed counts as a change of all that it has. */
function changedAttributes({ type, change }: ResourceChange): readonly string[] {
  if (change.actions.every((action) => action === "no-op" || action === "read")) return [];
  const [before, after] = [change.before ?? {}, change.after ?? {}];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((name) => `${type}.${name}`);
}
