import { appendFileSync } from "node:fs";
import { runProgram } from "../../system/program.js";
import type { Stage } from "../stage.js";

/** The lines of a deploy that show a person its progress. */
const NEWS = /complete!|Error|No changes/;

interface TypistOptions {
  readonly projectFolder: string;
  /** Gets every line. */
  readonly log: string;
  readonly say: (line: string) => void;
  readonly env: () => NodeJS.ProcessEnv;
}

/** Types in the project's folder, with the environment as it is then. */
export const createTypist =
  ({ projectFolder, log, say, env }: TypistOptions): Stage["type"] =>
  async (argv, { signal, ctrlCAt, folder = projectFolder }) => {
    appendFileSync(log, `$ ${argv.join(" ")}\n`);
    const [stdout, lines]: [string[], string[]] = [[], []];
    const ctrlC = new AbortController();
    const { exitCode } = await runProgram(argv, {
      ...{ cwd: folder, env: env(), signal: AbortSignal.any([signal, ctrlC.signal]) },
      onLine: (line, stream) => {
        appendFileSync(log, `${line}\n`);
        if (NEWS.test(line)) say(`   ${line.trimEnd()}`);
        if (stream === "stdout") stdout.push(line);
        lines.push(line);
        if (ctrlCAt?.test(line)) ctrlC.abort();
      },
    });
    return { exitCode, stdout: stdout.join("\n"), lines: lines.join("\n") };
  };
