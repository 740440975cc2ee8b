import { execFile, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants as osConstants, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { ProgramEnd, Programs } from "../core/programs.js";
import { followProgram } from "./follow-program.js";

const MAX_OUTPUT_BYTES = 1_048_576;

/** Programs of this machine, found on PATH. */
export const systemPrograms: Programs = {
  has: (name) => (process.env["PATH"] ?? "").split(delimiter).some((folder) => isProgram(join(folder, name))),
  attach,
  run,
  follow: followProgram,
  withFile,
};

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The terminal's signals reach both processes: this one stays until the other has ended. */
function attach([program, ...args]: readonly [string, ...string[]]): Promise<number> {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    const pass = (signal: NodeJS.Signals): void => void (signal === "SIGINT" ? true : child.kill(signal));
    for (const name of names) process.on(name, pass);
    const leave = (): void => {
      for (const name of names) process.off(name, pass);
    };
    child.once("error", (error) => {
      leave();
      reject(error);
    });
    child.once("close", (code, signal) => {
      leave();
      resolve(code ?? 128 + (signal === null ? 0 : osConstants.signals[signal]));
    });
  });
}

function run(
  [program, ...args]: readonly [string, ...string[]],
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProgramEnd> {
  const limits = { maxBuffer: MAX_OUTPUT_BYTES, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    let isLate = false;
    const child = execFile(program, args, { ...limits, signal }, (_error, stdout, stderr) => {
      clearTimeout(timer);
      resolve({ exitCode: child.exitCode, stdout, stderr, isLate });
    });
    child.stdin?.end();
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutMs);
  });
}

async function withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "muster-"));
  try {
    const path = join(folder, "file");
    await writeFile(path, text, { mode: 0o600 });
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
