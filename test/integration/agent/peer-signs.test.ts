import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type FastifyInstance, fastify } from "fastify";
import { addAwaitedRoute, createAwaited } from "../../../agent/launcher/awaited.js";
import { createAskAwaited } from "../../../agent/system/ask-awaited.js";
import { createHostReach } from "../../../agent/system/host-reach.js";
import { createPeerClient } from "../../../agent/system/peer-client.js";
import { LAUNCH_ID } from "../../support/agent/launcher.js";
import { testPeer, testServer } from "../../support/agent/tls.js";

const HERE = "127.0.0.1";
let app: FastifyInstance | null = null;
let silent: Server | null = null;
afterEach(async () => {
  await app?.close();
  silent?.close();
  app = null;
  silent = null;
});

/** An agent on this machine; gives the client of its peers. */
async function agent(routes: (app: FastifyInstance) => void) {
  app = fastify({ forceCloseConnections: true, https: testServer(HERE) }) as unknown as FastifyInstance;
  routes(app);
  await app.listen({ host: HERE, port: 0 });
  return createPeerClient(testPeer(), (app.server.address() as { port: number }).port);
}

describe("a node that is asked for a sign", () => {
  test("answers by its agent, whatever that says", async () => {
    for (const status of [200, 503]) {
      const peers = await agent((app) =>
        app.get("/healthz", (_request, reply) => reply.code(status).send({})),
      );
      expect(await createHostReach(peers).reach(HERE, 10_000)).toBe("answers");
      await app?.close();
    }
  });

  test("refuses where its agent does not run", async () => {
    const peers = await agent(() => undefined);
    await app?.close();
    expect(await createHostReach(peers).reach(HERE, 10_000)).toBe("refuses");
  });

  test("gives none where it takes the connection and stands still", async () => {
    const server = createServer(() => undefined);
    silent = server;
    await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
    const peers = createPeerClient(testPeer(), (server.address() as { port: number }).port);
    expect(await createHostReach(peers).reach(HERE, 100)).toBe("none");
  });
});

describe("a node that is asked what it waits for", () => {
  test("says what is waited for, what is over, and what is not known", async () => {
    let nowMs = 0;
    const awaited = createAwaited({ monotonicMs: () => nowMs });
    const ask = createAskAwaited(await agent((app) => addAwaitedRoute(app, awaited)));
    expect(await ask(HERE, LAUNCH_ID)).toBe("unknown");
    const end = awaited.begin(LAUNCH_ID);
    expect(await ask(HERE, LAUNCH_ID)).toBe(true);
    nowMs = 60_000;
    end(true);
    expect(await ask(HERE, LAUNCH_ID)).toBe(false);
  });

  test.each<[string, (app: FastifyInstance) => void]>([
    ["of another version, without the route", () => undefined],
    [
      "that answers something else",
      (app) => app.post("/v1/launch/awaited", async () => ({ awaited: "yes" })),
    ],
  ])("is not known where it is one %s", async (_name, routes) => {
    expect(await createAskAwaited(await agent(routes))(HERE, LAUNCH_ID)).toBe("unknown");
  });

  test("is not known where its certificate is another cluster's, as in the moments of a rotation", async () => {
    app = fastify({ https: testServer(HERE, "another secret, long enough") }) as unknown as FastifyInstance;
    await app.listen({ host: HERE, port: 0 });
    const { port } = app.server.address() as { port: number };
    expect(await createAskAwaited(createPeerClient(testPeer(), port))(HERE, LAUNCH_ID)).toBe("unknown");
  });

  test("is not known where its agent is being restarted, and silent where the machine gives no sign", async () => {
    expect(await createAskAwaited(createPeerClient(testPeer(), 1))(HERE, LAUNCH_ID)).toBe("unknown");
    silent = createServer();
    await new Promise<void>((resolve) => silent?.listen(0, HERE, resolve));
    const { port } = silent.address() as { port: number };
    expect(await createAskAwaited(createPeerClient(testPeer(), port))(HERE, LAUNCH_ID)).toBe("silent");
  });
});
