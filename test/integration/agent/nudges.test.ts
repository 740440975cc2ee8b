import { createServer as createPlainServer, type Server as PlainServer } from "node:http";
import { createServer, type Server } from "node:https";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import type { ClusterSecret } from "../../../agent/contract/cluster-secret.js";
import { AGENT_PORT } from "../../../agent/contract/names.js";
import { buildApp } from "../../../agent/http/app.js";
import type { Nudge } from "../../../agent/jobs/nudge.js";
import { nudging } from "../../../provider/aws/agents.js";
import { createNudges } from "../../../scripts/cli/access/agents.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { CLUSTER_UUID } from "../../support/agent/cluster-item.js";
import { CLUSTER_SECRET, testKeys, testServer } from "../../support/agent/tls.js";

// The programs outside of the cluster that nudge its head, and who may answer at the head's address.

const ADDRESS = "127.0.14.1";
const SECRET: ClusterSecret = { value: CLUSTER_SECRET, version: 1, since: new Date(0), previous: null };
const sources = {
  readLease: async () => ({ holderAddress: ADDRESS, released: false }) as never,
  readSecret: async () => SECRET,
};
const job = { clusterUuid: CLUSTER_UUID, id: "job-1" };
const write = async () => true;

const nudgers: [string, () => Promise<unknown>][] = [
  ["the provider", () => nudging(sources)(job, write)],
  [
    "the command",
    async () => {
      const nudges = createNudges(sources);
      nudges.approach(CLUSTER_UUID);
      await nudges.after(job, write);
      await nudges.settled();
    },
  ],
];

let app: FastifyInstance | null = null;
let stranger: Server | PlainServer | null = null;
afterEach(async () => {
  await app?.close();
  await new Promise((resolve) => (stranger === null ? resolve(null) : stranger.close(resolve)));
  app = null;
  stranger = null;
});

describe.each(nudgers)("a nudge by %s", (_name, nudge) => {
  test("reaches the head, and says which job", async () => {
    const heard = Promise.withResolvers<Nudge>();
    const deps = appDeps({ keys: testKeys(ADDRESS) });
    app = await buildApp({ ...deps, jobs: { ...deps.jobs, nudge: heard.resolve } });
    await app.listen({ host: ADDRESS, port: AGENT_PORT });
    await nudge();
    expect(await heard.promise).toEqual({ jobId: "job-1" });
  });

  test.each([
    ["without TLS", () => createPlainServer()],
    ["with another secret's certificate", () => createServer(testServer(ADDRESS, "a guess"))],
    ["with the certificate of another node", () => createServer(testServer("127.0.14.2"))],
  ])("tells a stranger at the head's address nothing, one %s", async (_what, make) => {
    const seen: string[] = [];
    const server = make();
    stranger = server;
    server.on("request", ({ method, url, headers }) =>
      seen.push(`${method} ${url} ${headers.authorization}`),
    );
    // The first one only finds out whether something listens.
    const left = Promise.withResolvers<void>();
    let connections = 0;
    server.on("connection", (socket) => {
      connections += 1;
      if (connections === 2) socket.once("close", () => left.resolve());
    });
    await new Promise<void>((resolve) => server.listen(AGENT_PORT, ADDRESS, resolve));
    await nudge();
    await left.promise;
    expect(seen).toEqual([]);
  });
});
