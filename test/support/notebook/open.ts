import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sessionManagerPath } from "../../../scripts/journey/notebook.js";
import type { JourneyPlace } from "../../../scripts/journey/place.js";
import { waitFor } from "../../../scripts/system/wait.js";

/** `muster notebook open`, as it runs on a person's machine. */
export interface OpenedNotebook {
  /** The page that the person's browser was started with: a file. */
  readonly page: string;
  /** Who may read that file: its mode's last nine bits. */
  readonly pageMode: number;
  /** Everything that the command has said. */
  said(): string;
  /** Ctrl-C, and the exit status. */
  close(): Promise<number | null>;
}

const OPEN_SECONDS = 90;

/** In the place of the person's own: it notes what it is to show. $0's folder is the test's. */
const XDG_OPEN = `#!/bin/sh\nprintf %s "$1" >"\${0%/*}/shown.new" && mv "\${0%/*}/shown.new" "\${0%/*}/shown"\n`;

/** Opens a notebook by the command, with a screen and a browser that the test plays. `folder`: is made. */
export async function openByCommand(
  { projectRoot, workspace }: JourneyPlace,
  name: string,
  folder: string,
): Promise<OpenedNotebook> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  writeFileSync(join(folder, "xdg-open"), XDG_OPEN, { mode: 0o755 });
  const { org, region } = workspace;
  const bundle = join(projectRoot, "dist/cli/muster.cjs");
  const args = [bundle, "notebook", "open", name, "--org", org, "--region", region, "--via", "ssm"];
  const env = {
    ...process.env,
    DISPLAY: ":0",
    XDG_RUNTIME_DIR: folder,
    PATH: `${folder}:${sessionManagerPath(projectRoot)}`,
  };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      said += String(text);
    });
  }
  const shown = join(folder, "shown");
  await waitFor({
    what: "the command to show the notebook",
    timeoutSeconds: OPEN_SECONDS,
    look: async () => {
      if (child.exitCode !== null) throw new Error(`it ended with exit status ${child.exitCode}: ${said}`);
      return existsSync(shown);
    },
    isDone: (is) => is,
    describe: () => said.slice(-1_500),
  }).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const file = readFileSync(shown, "utf8");
  return {
    page: `file://${file}`,
    pageMode: statSync(file).mode & 0o777,
    said: () => said,
    close: () => interrupted(child),
  };
}

function interrupted(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode);
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  return ended;
}
