import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installIntoVenv } from "../../scripts/setup/venv.js";
import { cacheRoot } from "../../scripts/system/paths.js";

/** JupyterLab's server without its pages: what has kernels and terminals. */
const REQUIREMENTS = ["jupyter-server==2.21.1", "ipykernel==7.4.0"] as const;
const TOKEN = "the-token-of-jupyter";
const START_MS = 60_000;

/** A real Jupyter on 127.0.0.1. */
export interface TestJupyter {
  readonly origin: string;
  readonly token: string;
  readonly home: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it, installed now if need be, with base_url /notebook/ and a token file, as on a notebook's node. */
export async function startJupyter(): Promise<TestJupyter> {
  const venv = join(cacheRoot(), REQUIREMENTS.map((one) => one.replace("==", "-")).join("-"));
  await mkdir(cacheRoot(), { recursive: true });
  if (!existsSync(venv)) await installIntoVenv(cacheRoot(), venv, ...REQUIREMENTS);
  const home = await mkdtemp(join(tmpdir(), "muster-jupyter-"));
  const tokenFile = join(home, "token");
  await writeFile(tokenFile, TOKEN);
  await chmod(tokenFile, 0o400);
  const port = await freePort();
  const options = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port": port,
    "ServerApp.port_retries": 0,
    "ServerApp.base_url": "/notebook/",
    "ServerApp.root_dir": home,
    "ServerApp.allow_root": true,
    "ServerApp.open_browser": false,
  };
  const child = spawn(
    join(venv, "bin/jupyter-server"),
    Object.entries(options).map(
      ([name, value]) => `--${name}=${value === true ? "True" : value === false ? "False" : value}`,
    ),
    {
      cwd: home,
      env: {
        PATH: `${venv}/bin:/usr/bin:/bin`,
        HOME: home,
        JUPYTER_TOKEN_FILE: tokenFile,
        SHELL: "/bin/bash",
      },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const said = collect(child);
  const origin = `http://127.0.0.1:${port}`;
  await answers(`${origin}/notebook/api`, child, said);
  return {
    ...{ origin, token: TOKEN, home, pid: child.pid ?? 0 },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        child.kill("SIGKILL");
        await exit;
      }
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-4_000);
  });
  return () => text;
}

async function answers(url: string, child: ChildProcess, said: () => string): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 100) {
    if (child.exitCode !== null) break;
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(100);
  }
  throw new Error(`Jupyter does not answer: ${said()}`);
}
