import { afterEach, describe, expect, test } from "@jest/globals";
import type { FastifyInstance } from "fastify";
import { environmentFailure } from "../../../agent/environments/failures.js";
import type { PrepareNode } from "../../../agent/environments/node.js";
import type { Preparation } from "../../../agent/environments/ports.js";
import { buildApp } from "../../../agent/http/app.js";
import { createAskPreparation } from "../../../agent/system/ask-preparation.js";
import { createPeerClient } from "../../../agent/system/peer-client.js";
import { appDeps } from "../../support/agent/app-deps.js";
import { testPeer } from "../../support/agent/tls.js";

const NEVER = new AbortController().signal;
const PLAN: Preparation = {
  jobId: "job-1",
  attempt: 2,
  environment: "0123456789abcdef0123456789abcdef",
  setup: {
    command: ["./get", "é\u2028"],
    timeoutSeconds: 60,
    folder: "/shared/app",
    variables: { A: "b\nc" },
  },
};

let app: FastifyInstance | null = null;
afterEach(async () => {
  await app?.close();
});

/** Asks a node whose part is `prepare`. */
async function ask(
  prepare: PrepareNode,
  { plan = PLAN as object, signal = NEVER, timeoutMs = 60_000.5, role = "peer" as "peer" | "operator" } = {},
) {
  app = await buildApp(appDeps({ preparations: { prepare } }));
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as { port: number };
  const peers = createPeerClient(testPeer(role), port);
  return createAskPreparation(peers)("127.0.0.1", Buffer.from(JSON.stringify(plan)), timeoutMs, signal);
}

describe("a node that is asked to get ready", () => {
  test("gets the request as it was sent, and answers that it is ready", async () => {
    const seen: Preparation[] = [];
    const answer = await ask(async (plan) => {
      seen.push(plan);
      return null;
    });
    expect(answer).toBeNull();
    expect(seen).toEqual([PLAN]);
  });

  test("answers why it is not", async () => {
    const failure = { ...environmentFailure("10.0.0.2: no room"), lines: ["a", "b"] };
    expect(await ask(async () => failure)).toEqual(failure);
  });

  test("gets a request as large as a job may be", async () => {
    const variables = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`V${n}`, "\u0001".repeat(30_000)]),
    );
    const plan = { ...PLAN, setup: { ...PLAN.setup, variables } };
    expect(
      await ask(async ({ setup }) => environmentFailure(String(setup?.variables["V9"]?.length)), { plan }),
    ).toEqual(environmentFailure("30000"));
  });

  test.each<[string, object]>([
    ["another key", { ...PLAN, environment: "../../etc" }],
    ["another job's name", { ...PLAN, jobId: "../x" }],
    ["a relative folder", { ...PLAN, setup: { ...PLAN.setup, folder: "app" } }],
    ["more than it knows", { ...PLAN, more: 1 }],
  ])("refuses %s", async (_name, plan) => {
    await expect(ask(async () => null, { plan })).rejects.toThrow("HTTP 400");
  });

  test("refuses all but its peers", async () => {
    await expect(ask(async () => null, { role: "operator" })).rejects.toThrow("HTTP 403");
  });

  test("ends its work when the head hangs up, by itself or because the time is up", async () => {
    for (const how of ["by itself", "in time"]) {
      const ending = new AbortController();
      const ended = Promise.withResolvers<void>();
      const asked = ask(
        (_plan, signal) => {
          signal.addEventListener("abort", () => ended.resolve());
          if (how === "by itself") ending.abort();
          return new Promise(() => {});
        },
        { signal: ending.signal, timeoutMs: how === "by itself" ? 60_000 : 500 },
      );
      await expect(asked).rejects.toThrow();
      await ended.promise;
      await app?.close();
    }
  });
});
