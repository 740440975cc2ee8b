import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findOnPath } from "../system/find-on-path.js";
import { cacheRoot } from "../system/paths.js";
import { installIntoVenv } from "./venv.js";

/** The version of the second emulator that the tests were written against. */
const MINISTACK_VERSION = "1.5.33";

type Environment = Readonly<Record<string, string | undefined>>;

const venvPath = (environment: Environment): string =>
  join(cacheRoot(environment), `ministack-${MINISTACK_VERSION}`);

/**
 * The path of the second emulator's program: MUSTER_MINISTACK, else the one in the project's own venv, else the `ministack`
 * on PATH. Throws where there is none.
 */
export function discoverMinistack(environment: Environment = process.env): string {
  const explicit = environment["MUSTER_MINISTACK"];
  const own = join(venvPath(environment), "bin/ministack");
  const found = explicit || (existsSync(own) ? own : findOnPath("ministack", environment));
  if (found === undefined || !existsSync(found)) {
    throw new Error(
      `The second AWS emulator, ministack ${MINISTACK_VERSION}, is missing (${found ?? own}). Run ./scripts/test integration, which installs it, or set MUSTER_MINISTACK to the path of a ministack.`,
    );
  }
  return found;
}

/**
 * Installs the second emulator, pinned, into a Python environment of the project's own, unless it is there. Only tests use
 * it: `setUp` does without. Throws where no package index has it and the machine has none. May run concurrently.
 */
export async function provideMinistack(say: (line: string) => void): Promise<void> {
  const cache = cacheRoot();
  const venv = venvPath(process.env);
  if (process.env["MUSTER_MINISTACK"] || existsSync(venv)) return;
  await mkdir(cache, { recursive: true });
  say(`second AWS emulator: installing ministack ${MINISTACK_VERSION} into ${cache} (10 s)`);
  try {
    await installIntoVenv(cache, venv, `ministack==${MINISTACK_VERSION}`);
  } catch (error) {
    const machine = findOnPath("ministack");
    if (machine === undefined) {
      throw new Error(
        `ministack ${MINISTACK_VERSION} can't be installed, and this machine has none. Let pip reach a package index, or set MUSTER_MINISTACK to the path of a ministack.\n${(error as Error).message}`,
      );
    }
    say(`second AWS emulator: no package index has ministack ${MINISTACK_VERSION}; using ${machine}`);
  }
}
