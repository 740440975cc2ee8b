import { renderProgramEnd, runProgram } from "../system/program.js";
import type { Workspace } from "./workspace.js";

export interface CdktfRun {
  readonly workspace: Workspace;
  /** The project's root: where cdktf.json is. */
  readonly projectRoot: string;
  /** Terraform's and the SDK's variables: endpoint, keys, CLI configuration. */
  readonly env: NodeJS.ProcessEnv;
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

/** Runs `npx cdktf <command>` as a pipeline would. Fails with its last lines if the exit code is not 0, or with the signal's reason. */
export async function runCdktf(
  command: keyof typeof COMMANDS,
  run: CdktfRun,
  ...more: string[]
): Promise<void> {
  const lines: string[] = [];
  const end = await runProgram(
    ["npx", "--no-install", "cdktf", ...COMMANDS[command], "--output", run.workspace.outputFolder, ...more],
    {
      cwd: run.projectRoot,
      env: { ...run.env, MUSTER_CONFIG: run.workspace.configFile, CI: "1", FORCE_COLOR: "0" },
      onLine: (line) => {
        lines.push(line);
        run.onLine(line);
      },
      signal: run.signal,
    },
  );
  if (end.exitCode === 0) return;
  // The reason of the interrupt is enough; cdktf's lines would only hide it.
  run.signal?.throwIfAborted();
  const last = lines.slice(-SHOWN_LINES).join("\n");
  throw new Error(`cdktf ${command} ended with ${renderProgramEnd(end)}; its last lines:\n${last}`);
}
