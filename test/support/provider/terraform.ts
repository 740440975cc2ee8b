import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../../scripts/system/program.js";

interface TerraformEnd {
  readonly exitCode: number | null;
  /** stdout and stderr, uncoloured, lines joined: Terraform wraps its diagnostics. */
  readonly output: string;
}

interface Run {
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
  readonly env?: Readonly<Record<string, string>>;
  /** When it aborts, Terraform gets SIGKILL; the exit code is then null. */
  readonly kill?: AbortSignal;
}

type Attributes = Readonly<Record<string, unknown>>;

/** A folder with a configuration of its own, and the real `terraform` on it. */
export interface Workspace {
  readonly folder: string;
  configure(hcl: string): Promise<void>;
  run(args: readonly [string, ...string[]], options?: Run): Promise<TerraformEnd>;
  /** Applies and fails the test where Terraform fails. */
  apply(): Promise<string>;
  /** "clean", "changes", or throws with Terraform's output. */
  plan(): Promise<"clean" | "changes">;
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  state(): Promise<string>;
  /** Changes attributes of every object in the state behind Terraform's back: those that `change` gives for it. */
  editState(change: (attributes: Attributes) => Attributes): Promise<void>;
  remove(): Promise<void>;
}

/** A run that takes longer is interrupted, so that no test leaves one behind. */
const RUN_LIMIT_MS = 120_000;

const HEAD = `terraform {
  required_providers {
    muster = { source = "muster/muster" }
  }
}
`;

/**
 * A workspace that takes the provider from `mirror` and sees AWS through `env`. `attached`: the environment of runs that attach to a
 * provider which runs already and sees the same; runs with an environment of their own, or that are cut short, start theirs.
 */
export async function createWorkspace(
  mirror: string,
  env: Readonly<Record<string, string>>,
  attached: Readonly<Record<string, string>> = {},
): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "muster-terraform-"));
  const cliConfig = join(folder, "cli.tfrc");
  await writeFile(
    cliConfig,
    `disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`,
  );
  // Killed runs leave their sockets behind; they go with the workspace.
  const scratch = join(folder, "tmp");
  await mkdir(scratch);
  const base = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TMPDIR: scratch,
    TF_CLI_CONFIG_FILE: cliConfig,
    TF_IN_AUTOMATION: "1",
  };

  async function run(args: readonly [string, ...string[]], options: Run = {}): Promise<TerraformEnd> {
    const lines: string[] = [];
    const { exitCode } = await runProgram(["terraform", ...args, "-no-color"], {
      cwd: folder,
      env: { ...base, ...env, ...(startsItsOwn(args, options) ? {} : attached), ...options.env },
      ...(options.kill === undefined ? {} : { kill: options.kill }),
      onLine: (line) => {
        lines.push(line);
        options.onLine?.(line);
      },
      signal: AbortSignal.any([
        ...(options.signal ? [options.signal] : []),
        AbortSignal.timeout(RUN_LIMIT_MS),
      ]),
    });
    return { exitCode, output: lines.join("\n") };
  }

  async function succeed(args: readonly [string, ...string[]]): Promise<string> {
    const { exitCode, output } = await run(args);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    return output;
  }

  return {
    folder,
    run,
    async configure(hcl) {
      await writeFile(join(folder, "main.tf"), `${HEAD}${hcl}`);
      await succeed(["init", "-input=false"]);
    },
    apply: () => succeed(["apply", "-auto-approve", "-input=false"]),
    async plan() {
      const { exitCode, output } = await run(["plan", "-detailed-exitcode", "-input=false"]);
      if (exitCode === 0) return "clean";
      if (exitCode === 2) return "changes";
      throw new Error(output);
    },
    async outputs() {
      const json = JSON.parse(await succeed(["output", "-json"])) as Record<string, { value: unknown }>;
      return Object.fromEntries(Object.entries(json).map(([name, { value }]) => [name, value]));
    },
    state: () => readFile(join(folder, "terraform.tfstate"), "utf8"),
    async editState(change) {
      const file = join(folder, "terraform.tfstate");
      const state = JSON.parse(await readFile(file, "utf8")) as {
        readonly resources: { readonly instances: { attributes: Attributes }[] }[];
      };
      for (const instance of state.resources.flatMap(({ instances }) => instances)) {
        instance.attributes = { ...instance.attributes, ...change(instance.attributes) };
      }
      await writeFile(file, JSON.stringify(state));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Whether a run shows what a start of the provider is about, or, as `init`, needs its program. */
const startsItsOwn = ([command]: readonly [string, ...string[]], { env, signal, kill }: Run): boolean =>
  command === "init" || env !== undefined || signal !== undefined || kill !== undefined;

/** What Terraform said, as one line: it breaks and frames its diagnostics by the width of a terminal. */
export const unwrapped = (output: string): string => output.replace(/[│╷╵]/g, " ").replace(/\s+/g, " ");
