import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { listenOnSocket } from "../../../agent/system/launch-socket.js";

const HOSTS = 1_000;

/** Begins a request, and gives its status; 0 where it could not connect. */
const ask = (socketPath: string): Promise<number> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: "/", agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    asked.once("error", () => resolve(0)).end();
  });

test(`${HOSTS} launches that come while the agent is busy wait for it: none is refused`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "muster-socket-"));
  const app = fastify();
  app.get("/", async () => "here");
  const path = join(folder, "launch.sock");
  await listenOnSocket(app, process.getgid?.() ?? 0, path);
  try {
    // All of them connect in this turn of the event loop, before the server can accept one.
    const statuses = await Promise.all(Array.from({ length: HOSTS }, () => ask(path)));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  } finally {
    await app.close();
    await rm(folder, { recursive: true });
  }
});
