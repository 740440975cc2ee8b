import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import type { Role } from "../../../../agent/contract/tokens.js";
import { buildApp } from "../../../../agent/http/app.js";
import { HostUnreachableError } from "../../../../agent/jobs/job-hosts.js";
import { createAskHost } from "../../../../agent/system/ask-host.js";
import { createPeerClient } from "../../../../agent/system/peer-client.js";
import { appDeps } from "../../../support/agent/app-deps.js";
import { testPeer } from "../../../support/agent/tls.js";

const done: string[] = [];
const OWN_CODE = { attempt: 2, exitCode: 7 };
const USAGE = { peakMemoryBytes: 5, cpuSeconds: 0.5, isOutOfMemory: false };
let held: number | null = null;
let app: FastifyInstance;
let port: number;

beforeAll(async () => {
  app = await buildApp(
    appDeps({
      jobHost: {
        generation: () => held,
        processes: {
          observe: async (jobId) => (jobId === "job-1" ? "running" : "unknown"),
          hostfile: async () => "10.0.0.1:2\n",
          usage: async () => USAGE,
          exitCode: async () => OWN_CODE,
          signal: async (jobId, signal) => void done.push(`${signal} ${jobId}`),
          forget: async (jobId) => void done.push(`forget ${jobId}`),
        },
      },
    }),
  );
  await app.listen({ host: "127.0.0.1", port: 0 });
  port = (app.server.address() as { port: number }).port;
});
afterAll(() => app.close());

const ask = (
  jobId: string,
  action: "observe" | "SIGTERM" | "SIGKILL" | "forget",
  generation = 7,
  role: Role = "peer",
) => createAskHost(createPeerClient(testPeer(role), port))("127.0.0.1", { jobId, action, generation });

describe("a head and the node that a job's mpiexec was started on", () => {
  test("it learns how the processes are, and with which hostfile they were started", async () => {
    expect(await ask("job-1", "observe")).toEqual({
      processes: "running",
      hostfile: "10.0.0.1:2\n",
      usage: USAGE,
      exitCode: OWN_CODE,
    });
    expect(await ask("job-2", "observe")).toMatchObject({ processes: "unknown" });
  });

  test("it has them ended and forgotten", async () => {
    for (const action of ["SIGTERM", "SIGKILL", "forget"] as const) await ask("job-1", action);
    expect(done).toEqual(["SIGTERM job-1", "SIGKILL job-1", "forget job-1"]);
  });

  test("a head of the past may do nothing more, be the newer one there or elsewhere", async () => {
    done.length = 0;
    await ask("job-1", "observe", 9);
    await expect(ask("job-1", "SIGKILL", 8)).rejects.toThrow("HTTP 409");
    held = 12;
    await expect(ask("job-1", "SIGKILL", 11)).rejects.toThrow("HTTP 409");
    held = null;
    expect(done).toEqual([]);
  });

  test("no other role may ask", async () => {
    await expect(ask("job-1", "SIGKILL", 20, "operator")).rejects.toThrow("403");
  });

  test("a machine without an agent refuses, which is no silence", async () => {
    const nobody = createAskHost(createPeerClient(testPeer(), 1))("127.0.0.1", {
      jobId: "job-1",
      action: "observe",
      generation: 1,
    });
    await expect(nobody).rejects.toMatchObject({ name: "HostUnreachableError", isRefused: true });
    await expect(ask("job-1", "observe", 1)).rejects.toMatchObject({ isRefused: false });
    await expect(ask("job-1", "observe", 1)).rejects.toBeInstanceOf(HostUnreachableError);
  });
});
