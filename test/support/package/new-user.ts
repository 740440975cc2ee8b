import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { emptyHome } from "../../../scripts/journey/empty-home.js";
import { runCommand } from "../../../scripts/system/command.js";
import { runProgram } from "../../../scripts/system/program.js";
import { packPackage } from "./packed.js";

const ROOT = resolve(__dirname, "../../..");
const NPM_SECONDS = 240;

/** How a program that a person typed has ended. */
interface Typed {
  readonly exitCode: number | null;
  /** Its lines: of stdout, and of both streams. */
  readonly stdout: string;
  readonly lines: string;
}

/** A person with a machine of his own: an empty home, an empty folder, and the packed command. Remove it in afterAll. */
export interface NewUser {
  /** The folder that was empty. */
  readonly folder: string;
  /** Types a command there; `ctrlCAt`: with a Ctrl-C at the first line that matches. */
  type(argv: readonly [string, ...string[]], ctrlCAt?: RegExp): Promise<Typed>;
  /** As `type`; fails with the command's lines unless it is done. Gives its lines. */
  done(...argv: readonly [string, ...string[]]): Promise<string>;
  write(file: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/**
 * `aws` names the AWS of the person's shell, `awsProvider` a mirror with AWS's provider: see emptyHome.
 */
export async function startNewUser({
  aws,
  terraform,
  awsProvider,
}: {
  readonly aws: Readonly<Record<string, string>>;
  readonly terraform: string;
  readonly awsProvider: string;
}): Promise<NewUser> {
  const work = await mkdtemp(join(tmpdir(), "muster-new-user-"));
  const [home, folder, programs] = ["home", "clusters", "programs"].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [folder, programs]) await mkdir(path, { recursive: true });
  const npm = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"] as const;
  const packed = await packPackage(work);
  await runCommand(["npm", "install", "--global", "--prefix", programs, ...npm, packed], {
    timeoutSeconds: NPM_SECONDS,
  });
  const env = await emptyHome({
    ...{ home, projectRoot: ROOT, terraform, awsProvider, aws },
    programs: [join(programs, "bin")],
  });
  const type: NewUser["type"] = async (argv, ctrlCAt) => {
    const [stdout, lines]: [string[], string[]] = [[], []];
    const ctrlC = new AbortController();
    const { exitCode } = await runProgram(argv, {
      ...{ cwd: folder, env, signal: ctrlC.signal, timeoutSeconds: NPM_SECONDS },
      onLine: (line, stream) => {
        if (stream === "stdout") stdout.push(line);
        lines.push(line);
        if (ctrlCAt?.test(line)) ctrlC.abort();
      },
    });
    return { exitCode, stdout: stdout.join("\n"), lines: lines.join("\n") };
  };
  return {
    folder,
    type,
    async done(...argv) {
      const { exitCode, lines } = await type(argv);
      if (exitCode !== 0) throw new Error(`${argv.join(" ")} ended with exit status ${exitCode}:\n${lines}`);
      return lines;
    },
    write: (file, text) => writeFile(join(folder, file), text),
    remove: () => rm(work, { recursive: true, force: true }),
  };
}
