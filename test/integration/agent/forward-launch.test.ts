import { afterEach, describe, expect, test } from "@jest/globals";
import { type FastifyInstance, fastify } from "fastify";
import { replyErrors } from "../../../agent/http/reply-errors.js";
import type { Launches } from "../../../agent/launcher/launches.js";
import type { LaunchEvent } from "../../../agent/launcher/rank-events.js";
import { addPeerLaunchRoute } from "../../../agent/launcher/routes.js";
import { createForwardLaunch } from "../../../agent/system/forward-launch.js";
import { createPeerClient } from "../../../agent/system/peer-client.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../support/agent/launcher.js";
import { testPeer, testServer } from "../../support/agent/tls.js";

let app: FastifyInstance | null = null;
afterEach(async () => {
  await app?.close();
});

/** An agent on this machine whose launches are `hold`; gives what a launch there comes to. */
async function launchOn(hold: Launches["hold"], onEvent: (event: LaunchEvent) => void = () => {}) {
  app = fastify({ forceCloseConnections: true, https: testServer() }) as unknown as FastifyInstance;
  replyErrors(app);
  addPeerLaunchRoute(app, { launches: { hold }, runsRanks: true, isNodeAt: async () => true });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as { port: number };
  const launch = { id: LAUNCH_ID, argv: [...PROXY_ARGV], controlNode: "i-a" };
  const forward = createForwardLaunch(createPeerClient(testPeer(), port));
  return forward("127.0.0.1", launch, new AbortController().signal, onEvent);
}

describe("a launch on another node", () => {
  test("brings what happens to its ranks while it runs, and then its end", async () => {
    const seen: unknown[] = [];
    let end = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      end = resolve;
    });
    const event = {
      type: "rankFailed",
      rank: 1,
      status: 1,
      lines: ["é\u2028x"],
      isOutOfMemory: false,
    } as const;
    const result = await launchOn(
      async (_id, _argv, _gone, onEvent) => {
        onEvent?.(event);
        await waiting;
        return { exitCode: 7, output: "words" };
      },
      (heard) => {
        seen.push(heard);
        // Not before the event has come: it is not kept back until the launch ends.
        end();
      },
    );
    expect(seen).toEqual([event]);
    expect(result).toEqual({ exitCode: 7, output: "words" });
  });

  test("that breaks off fails, to be asked for again", async () => {
    const launched = launchOn(async (_id, _argv, _gone, onEvent) => {
      onEvent?.({ type: "ranksWait", alive: [] });
      setTimeout(() => void app?.close(), 50);
      return new Promise(() => {});
    });
    await expect(launched).rejects.toMatchObject({ code: "launch-failed" });
  });
});
