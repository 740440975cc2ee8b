import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runProgram } from "../../../scripts/system/program.js";

/** A copy of the project as a user has it after `npm ci`, and a shell in it whose exports and folder last from block to block. */
export interface DocsShell {
  readonly folder: string;
  /** Runs it exactly as written. */
  run(text: string): Promise<{ readonly exitCode: number | null; readonly output: string }>;
  remove(): void;
}

/** What is not the user's to begin with: each is made by a command, or is another's. */
const LEFT_OUT = [".git", "node_modules", "dist", "cdktf.out", ".cache", "muster-state", "muster.yaml"];
const BLOCK_LIMIT_MS = 600_000;

export function openDocsShell(root: string, env: Readonly<Record<string, string>>): DocsShell {
  const folder = mkdtempSync(path.join(tmpdir(), "muster-docs-"));
  const project = path.join(folder, "muster");
  cpSync(root, project, {
    recursive: true,
    filter: (source) => !LEFT_OUT.includes(path.relative(root, source)),
  });
  symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  const script = path.join(folder, "block.sh");
  const [exported, place] = [path.join(folder, "exports"), path.join(folder, "place")];
  writeFileSync(exported, "");
  writeFileSync(place, project);
  return {
    folder: project,
    async run(text) {
      const lines: string[] = [];
      writeFileSync(
        script,
        `set -eo pipefail\n. ${exported}\ncd "$(cat ${place})"\n${text}\nexport -p >${exported}\npwd >${place}\n`,
      );
      const { exitCode } = await runProgram(["bash", script], {
        cwd: project,
        env: { ...process.env, ...env, HOME: folder, FORCE_COLOR: "0" },
        signal: AbortSignal.timeout(BLOCK_LIMIT_MS),
        onLine: (line) => lines.push(line),
      });
      return { exitCode, output: lines.join("\n") };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
