import { spawn } from "node:child_process";
import { chmod, copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { AgentError } from "../../../agent/errors.js";
import { buildSocketApp, type ForwardLaunch, type LaunchRequest } from "../../../agent/launcher/routes.js";
import { temporaryFolder } from "../../support/agent/job-user.js";
import { PROXY_ARGV } from "../../support/agent/launcher.js";

/** A copy of launch.sh that every user can reach, wherever the project is. */
let script: string;
const log = pino({ level: "silent" });
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let app: FastifyInstance | null = null;
let socket: string;
/** Which launches of which jobs have ended. */
let ends: { jobId: string; host: string }[];

beforeEach(async () => {
  folder = await temporaryFolder();
  socket = join(folder.path, "launch.sock");
  script = join(folder.path, "launch");
  await copyFile(resolve("agent/launcher/launch.sh"), script);
  ends = [];
});
afterEach(async () => {
  await app?.close();
  app = null;
  await folder.remove();
});

async function listen(forward: ForwardLaunch): Promise<void> {
  const listener = {
    event: () => {},
    ended: (jobId: string, host: string) => void ends.push({ jobId, host }),
  };
  app = buildSocketApp({
    address: "10.0.0.1",
    forward,
    findNode: async (host) => {
      const instanceId = { "10.0.0.1": "i-a", "10.0.0.2": "i-b" }[host];
      return instanceId === undefined ? null : { instanceId, kind: "worker" };
    },
    listener,
    mayLaunch: async () => true,
    awaited: { begin: () => () => {} },
    log,
  });
  await app.listen({ path: socket });
}

/** Calls launch.sh as Hydra does, from a stand-in for mpiexec that tells how SIGTERM reaches it. */
function launch(
  host = "10.0.0.2",
  environment: Record<string, string> = {},
  uid = 0,
): Promise<{ output: string; seconds: number }> {
  const mpiexec = `trap 'echo mpiexec ended by SIGTERM' TERM; "$@"; echo "launch exited with $?"`;
  const [proxy, ...rest] = PROXY_ARGV;
  const call = [script, "-x", host, `"${proxy}"`, ...rest];
  const began = performance.now();
  return new Promise((done, reject) => {
    const child = spawn("/bin/sh", ["-c", mpiexec, "mpiexec", ...call], {
      env: { PATH: process.env["PATH"], MUSTER_LAUNCH_SOCKET: socket, ...environment },
      ...{ uid, gid: uid },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.once("error", reject);
    child.once("close", () => done({ output, seconds: (performance.now() - began) / 1000 }));
  });
}

describe("launch.sh", () => {
  test("hands Hydra's words to the agent as they are, and exits 0 when the proxy has ended well", async () => {
    const asked: { host: string; launch: LaunchRequest }[] = [];
    await listen(async (host, request) => {
      asked.push({ host, launch: request });
      return { exitCode: 0, output: "" };
    });
    expect((await launch()).output).toBe("launch exited with 0\n");
    const sent = { id: expect.any(String), argv: PROXY_ARGV, controlNode: "i-a" };
    expect(asked).toEqual([{ host: "10.0.0.2", launch: sent }]);
  });

  test("says which job it is for, where mpiexec is a job's", async () => {
    await listen(async () => ({ exitCode: 0, output: "" }));
    await launch();
    await launch("10.0.0.2", { MUSTER_JOB_ID: "job-1" });
    expect(ends).toEqual([{ jobId: "job-1", host: "10.0.0.2" }]);
  });

  test("tells at once that somebody may not start ranks", async () => {
    await listen(async () => ({ exitCode: 0, output: "" }));
    await chmod(socket, 0o660);
    const { output } = await launch("10.0.0.2", {}, 65_534);
    expect(output).toMatch(/may not start ranks on this cluster's nodes\. Run mpiexec as the user muster/);
    expect(output).toContain("launch exited with 255");
  });

  test("takes nothing that netcat says for an answer", async () => {
    await listen(async () => ({ exitCode: 0, output: "" }));
    const bogus = await launch("10.0.0.2", { LD_DEBUG: "bogus" });
    expect(bogus.output).toMatch(/launch exited with 0\n$/);
  });

  test("ends mpiexec when a proxy fails, and says what it printed", async () => {
    await listen(async () => ({ exitCode: 137, output: "no memory" }));
    const { output } = await launch();
    expect(output).toContain("10.0.0.2 ended with status 137. no memory");
    expect(output).toContain("mpiexec ended by SIGTERM");
    expect(output).toContain("launch exited with 137");
  });

  test("gives up at once when it is refused", async () => {
    await listen(async () => {
      throw new AgentError("launch-refused", "no");
    });
    const { output } = await launch("203.0.113.9");
    expect(output).toContain('"203.0.113.9" is no node');
    expect(output).toContain("launch exited with 255");
    expect(output).not.toContain("no contact");
  });

  test("takes the wait up again, under the same id, when the agent is restarted", async () => {
    const ids: string[] = [];
    await listen(async (_host, { id }, gone) => {
      ids.push(id);
      return new Promise((_, reject) => gone.addEventListener("abort", () => reject(new Error("gone"))));
    });
    const ended = launch();
    while (ids.length === 0) await new Promise((next) => setTimeout(next, 20));
    await app?.close();
    await listen(async (_host, { id }) => {
      ids.push(id);
      return { exitCode: 0, output: "" };
    });
    expect((await ended).output).toBe("launch exited with 0\n");
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(2);
  });

  test("ends mpiexec after 20 s without any agent, and names the host", async () => {
    const { output, seconds } = await launch();
    expect(output).toContain("no contact with 10.0.0.2 for 20 s");
    expect(output).toContain("mpiexec ended by SIGTERM");
    expect(seconds).toBeGreaterThan(19);
  });
});
