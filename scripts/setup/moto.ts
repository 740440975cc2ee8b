import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../system/command.js";
import { discoverEmulator, type EmulatorProgram, MOTO_VERSION, motoVenvPath } from "./discover.js";
import { installIntoVenv } from "./venv.js";

/** How long to wait after a failed installation before trying again. */
const RETRY_AFTER_HOURS = 24;

/**
 * The AWS emulator: MUSTER_MOTO, else a pinned one in the project's own Python environment (made now if needed), else, if no
 * package index answers, the machine's. Throws if there is none. May run concurrently.
 */
export async function provideMoto(cache: string, say: (line: string) => void): Promise<EmulatorProgram> {
  const venv = motoVenvPath(process.env);
  const failed = join(cache, `moto-${MOTO_VERSION}.unavailable`);
  if (process.env["MUSTER_MOTO"] || existsSync(venv) || (await isRecent(failed))) return discoverEmulator();
  say(`AWS emulator: installing moto ${MOTO_VERSION} into ${cache} (half a minute)`);
  try {
    await installIntoVenv(cache, venv, `moto[server]==${MOTO_VERSION}`);
  } catch (error) {
    const machine = await machineMoto(error as Error);
    await writeFile(failed, (error as Error).message);
    say(
      `AWS emulator: no package index has moto ${MOTO_VERSION}; using the machine's, ${machine.argv.join(" ")}`,
    );
    return machine;
  }
  return discoverEmulator();
}

async function machineMoto(cause: Error): Promise<EmulatorProgram> {
  const program = discoverEmulator();
  try {
    await runCommand([...program.argv, "--help"], { timeoutSeconds: 60 });
    return program;
  } catch {
    throw new Error(
      `There is no AWS emulator: this machine has no moto, and installing it failed. Let pip reach a package index, or set MUSTER_MOTO to a moto_server.\n${cause.message}`,
    );
  }
}

async function isRecent(file: string): Promise<boolean> {
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < RETRY_AFTER_HOURS * 3_600_000;
}
