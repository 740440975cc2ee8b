import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planBrowser } from "../core/browser.js";
import type { Browser } from "../core/forwarding.js";
import { systemPrograms } from "./programs.js";

/** See Browser. The file is in the folder of the person's session where there is one: it is in memory, and goes with the session. */
export const systemBrowser: Browser = {
  async show(html) {
    const opener = planBrowser(process.platform, process.env, systemPrograms.has);
    if (opener === null) return null;
    const folder = await privateFolder();
    const remove = () => rm(folder, { recursive: true, force: true });
    const path = join(folder, "notebook.html");
    await writeFile(path, html, { mode: 0o600, flag: "wx" });
    const isStarted = await start([...opener, path]);
    if (isStarted) return remove;
    await remove();
    return null;
  },
};

async function privateFolder(): Promise<string> {
  const runtime = process.env["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "") {
    const made = await mkdtemp(join(runtime, "muster-")).catch(() => null);
    if (made !== null) return made;
  }
  return mkdtemp(join(tmpdir(), "muster-"));
}

/** The browser outlives this process. */
function start([program = "", ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "ignore", detached: true });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
