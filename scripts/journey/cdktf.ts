import { followProgram } from "../cli/system/follow-program.js";
import type { Workspace } from "./workspace.js";

export interface CdktfRun {
  readonly workspace: Workspace;
  /** The project's root: where cdktf.json is. */
  readonly projectRoot: string;
  /** Beside this process's environment, Terraform's and the SDK's variables: endpoint, keys, CLI configuration. */
  readonly env: Readonly<Record<string, string>>;
  /** Every line of cdktf's output. */
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

// --skip-provider-lock: `terraform providers lock` ignores filesystem mirrors and so can't find our own provider.
const COMMANDS = {
  deploy: ["deploy", "*", "--auto-approve", "--skip-provider-lock"],
  destroy: ["destroy", "*", "--auto-approve", "--skip-provider-lock"],
  diff: ["diff", "--skip-provider-lock"],
} as const;

const SHOWN_LINES = 40;
/** For Terraform to end what it is at and to write its state. */
const GRACE_MS = 120_000;

/**
 * Runs `npx cdktf <command>` as a pipeline would. Fails with its last lines if the exit code is not 0. When the signal aborts, Terraform is
 * interrupted and ends in order, as by `muster deploy`; fails with the signal's reason then.
 */
export async function runCdktf(
  command: keyof typeof COMMANDS,
  run: CdktfRun,
  ...more: string[]
): Promise<void> {
  const lines: string[] = [];
  const exitCode = await followProgram(
    ["npx", "--no-install", "cdktf", ...COMMANDS[command], "--output", run.workspace.outputFolder, ...more],
    {
      cwd: run.projectRoot,
      env: { ...run.env, MUSTER_CONFIG: run.workspace.configFile, CI: "1", FORCE_COLOR: "0" },
      onLine: (line) => {
        lines.push(line);
        run.onLine(line);
      },
      stop: run.signal,
      graceMs: GRACE_MS,
    },
  );
  if (exitCode === 0) return;
  // The reason of the interrupt is enough; cdktf's lines would only hide it.
  run.signal?.throwIfAborted();
  const last = lines.slice(-SHOWN_LINES).join("\n");
  throw new Error(`cdktf ${command} ended with exit code ${exitCode}; its last lines:\n${last}`);
}
