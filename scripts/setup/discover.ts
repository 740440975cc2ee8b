import { join } from "node:path";
import { findOnPath, isExecutable } from "../system/find-on-path.js";
import { cacheRoot } from "../system/paths.js";

/** The emulator's version that set-up installs and the tests were written against. */
export const MOTO_VERSION = "5.2.1";

/** A program to start, as argv, and where it was found (for people). */
export interface EmulatorProgram {
  readonly argv: readonly [string, ...string[]];
  readonly source: "MUSTER_MOTO" | "project venv" | "PATH";
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the project's own Python environment for the emulator; its name carries the version. */
export const motoVenvPath = (environment: Environment): string =>
  join(cacheRoot(environment), `moto-${MOTO_VERSION}`);

/**
 * The emulator to use: MUSTER_MOTO (path of a `moto_server`), else the project's own venv, else the machine's
 * `moto_server`, else its `python3` (only a start shows whether it has moto). Reads only file modes.
 * Throws where MUSTER_MOTO names no program, or nothing is found.
 */
export function discoverEmulator(environment: Environment = process.env): EmulatorProgram {
  const explicit = environment["MUSTER_MOTO"];
  if (explicit) {
    if (!isExecutable(explicit))
      throw new Error(`MUSTER_MOTO is "${explicit}", which is not an executable file.`);
    return { argv: [explicit], source: "MUSTER_MOTO" };
  }
  const own = join(motoVenvPath(environment), "bin", "moto_server");
  if (isExecutable(own)) return { argv: [own], source: "project venv" };
  const server = findOnPath("moto_server", environment);
  if (server !== undefined) return { argv: [server], source: "PATH" };
  const python = findOnPath("python3", environment);
  if (python !== undefined) return { argv: [python, "-m", "moto.server"], source: "PATH" };
  throw new Error("No AWS emulator (moto) was found. Run ./scripts/setup/bootstrap.sh, or set MUSTER_MOTO.");
}
