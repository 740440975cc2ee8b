import { spawn } from "node:child_process";
import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { buildCheckout } from "../../../scripts/build/build-all.js";
import { CLI_BUNDLE } from "../../../scripts/build/cli.js";

/** How a run of the command ended. */
interface MusterRun {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stdoutBytes: number;
  readonly stderr: string;
}

export interface RunOptions {
  /** Over PATH and HOME; nothing else of this process's environment is there. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: the bundle's folder, which has nothing in it. */
  readonly cwd?: string;
  /** Default: this process's user. */
  readonly uid?: number;
  /** The most that is read of stdout before it is closed. Default: all. */
  readonly stdoutBytes?: number;
  /** Whether stdout is read and counted, but not kept. */
  readonly discards?: boolean;
  /** Hears each piece of stderr; with the process's own kill. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The command as it is shipped: one file, in a folder that anyone may read. Remove it in afterAll. */
export interface TestBundle {
  readonly folder: string;
  run(args: readonly string[], options?: RunOptions): Promise<MusterRun>;
  remove(): Promise<void>;
}

/** The checkout's, which is built where it is stale: a bundle for each test file would take seconds each. */
export async function buildTestBundle(): Promise<TestBundle> {
  const folder = await mkdtemp(join(tmpdir(), "muster-cli-"));
  await chmod(folder, 0o755);
  await buildCheckout(resolve("."));
  await cp(dirname(resolve(CLI_BUNDLE)), folder, { recursive: true });
  const bundle = join(folder, basename(CLI_BUNDLE));
  return {
    folder,
    run: (args, options = {}) => run(bundle, args, { cwd: folder, ...options }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function run(bundle: string, args: readonly string[], options: RunOptions): Promise<MusterRun> {
  const { env = {}, cwd, uid, stdoutBytes = Number.POSITIVE_INFINITY, discards = false, onStderr } = options;
  const home = cwd ?? "/";
  return new Promise((resolveRun, reject) => {
    const child = spawn(process.execPath, [bundle, ...args], {
      cwd,
      env: { PATH: process.env["PATH"], HOME: home, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 150_000,
      killSignal: "SIGKILL",
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => {
      if (!discards) pieces.push(piece);
      bytes += piece.length;
      if (bytes >= stdoutBytes) child.stdout.destroy();
    });
    child.stderr.on("data", (piece: Buffer) => {
      stderr += piece.toString();
      onStderr?.(piece.toString(), (signal) => void child.kill(signal));
    });
    child.once("error", reject);
    child.once("close", (exitCode) =>
      resolveRun({ exitCode, stdout: Buffer.concat(pieces), stdoutBytes: bytes, stderr }),
    );
  });
}
