import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findOnPath } from "../system/find-on-path.js";
import { cacheRoot } from "../system/paths.js";
import { installIntoVenv } from "./venv.js";

/** The scanner's version that the accepted findings were written against. */
const CHECKOV_VERSION = "3.3.30";

/**
 * The path of the scanner of Terraform: MUSTER_CHECKOV, else a pinned one in a Python environment of the project's own, which is
 * made now if needed, else the machine's. Throws where no package index has it and the machine has none. May run concurrently.
 */
export async function provideCheckov(say: (line: string) => void): Promise<string> {
  const explicit = process.env["MUSTER_CHECKOV"];
  if (explicit) return explicit;
  const cache = cacheRoot();
  const venv = join(cache, `checkov-${CHECKOV_VERSION}`);
  const own = join(venv, "bin/checkov");
  if (existsSync(own)) return own;
  await mkdir(cache, { recursive: true });
  say(`scanner: installing checkov ${CHECKOV_VERSION} into ${cache} (half a minute)`);
  try {
    await installIntoVenv(cache, venv, `checkov==${CHECKOV_VERSION}`);
    return own;
  } catch (error) {
    const machine = findOnPath("checkov");
    if (machine === undefined) {
      throw new Error(
        `checkov ${CHECKOV_VERSION} can't be installed, and this machine has none. Let pip reach a package index, or set MUSTER_CHECKOV to the path of a checkov.\n${(error as Error).message}`,
      );
    }
    say(`scanner: no package index has checkov ${CHECKOV_VERSION}; using ${machine}`);
    return machine;
  }
}
