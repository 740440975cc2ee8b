import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runProgram } from "../../../scripts/system/program.js";

/** A project's folder as a pipeline checks it out, and a place for programs that stand for others. */
export interface PipelineProject {
  readonly folder: string;
  /** A program of this name, as a bash script, goes before all others of PATH. */
  standIn(name: string, script: string): void;
  /** Runs a step in a plain bash of its own. */
  run(step: string, options: StepOptions): Promise<StepEnd>;
  remove(): void;
}

interface StepOptions {
  readonly env: NodeJS.ProcessEnv;
  /** As the system starts it: `bash -e`, or with pipefail. */
  readonly shell?: readonly string[];
}

interface StepEnd {
  readonly exitCode: number | null;
  readonly output: string;
}

const STEP_LIMIT_SECONDS = 300;

/** With the packages of this checkout, and the command that it has built, as `npm ci` puts them there. */
export function openPipelineProject(root: string): PipelineProject {
  const folder = mkdtempSync(path.join(tmpdir(), "muster-pipeline-"));
  const [project, programs] = [path.join(folder, "project"), path.join(folder, "programs")];
  const modules = path.join(project, "node_modules");
  for (const made of [path.join(modules, ".bin"), programs]) mkdirSync(made, { recursive: true });
  const own = path.join(root, "node_modules");
  for (const name of readdirSync(own))
    if (name !== ".bin") symlinkSync(path.join(own, name), path.join(modules, name));
  for (const name of readdirSync(path.join(own, ".bin")))
    symlinkSync(path.join(own, ".bin", name), path.join(modules, ".bin", name));
  symlinkSync(path.join(root, "dist/cli/muster.cjs"), path.join(modules, ".bin/muster"));
  symlinkSync(root, path.join(modules, "muster"));
  const cdktfJson = {
    ...{ language: "typescript", app: "node --import tsx node_modules/muster/stacks/main.ts" },
    ...{ projectId: "6f0d1a5e-3d0c-4b43-9d5e-6a2f6f1c7b10", sendCrashReports: "false" },
    ...{ terraformProviders: [], terraformModules: [] },
  };
  writeFileSync(path.join(project, "cdktf.json"), JSON.stringify(cdktfJson));
  return {
    folder: project,
    standIn(name, script) {
      writeFileSync(path.join(programs, name), `#!/bin/bash\n${script}\n`);
      chmodSync(path.join(programs, name), 0o755);
    },
    async run(step, { env, shell = ["-e"] }) {
      const file = path.join(folder, "step.sh");
      writeFileSync(file, step);
      const lines: string[] = [];
      const { exitCode } = await runProgram(["bash", ...shell, file], {
        cwd: project,
        env: { ...env, PATH: `${programs}:${env["PATH"] ?? ""}`, HOME: folder },
        timeoutSeconds: STEP_LIMIT_SECONDS,
        onLine: (line) => lines.push(line),
      });
      return { exitCode, output: lines.join("\n") };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
