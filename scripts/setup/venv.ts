import { mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { runCommand } from "../system/command.js";

const INSTALL_TIMEOUT_SECONDS = 600;

/**
 * Makes the Python environment `venv`, a path in `cache`, with what the requirements pin ("moto[server]==5.2.1"). A virtual
 * environment can't be moved, so it is made under a name of its own; `venv` appears when all is there. May run concurrently;
 * where it fails, nothing stays.
 */
export async function installIntoVenv(
  cache: string,
  venv: string,
  ...requirements: readonly string[]
): Promise<void> {
  const folder = await mkdtemp(`${venv}.`);
  try {
    await runCommand(["python3", "-m", "venv", folder], { timeoutSeconds: 120 });
    const pip = join(folder, "bin/pip");
    await runCommand([pip, "install", "--quiet", ...requirements], {
      timeoutSeconds: INSTALL_TIMEOUT_SECONDS,
    });
    const link = join(cache, `${basename(venv)}-link-${process.pid}`);
    await symlink(folder, link);
    await rename(link, venv);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
