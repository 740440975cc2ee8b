import { describe, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { pino } from "pino";
import { AgentError } from "../../../../agent/errors.js";
import { replyErrors } from "../../../../agent/http/reply-errors.js";
import type { Launches } from "../../../../agent/launcher/launches.js";
import { addPeerLaunchRoute, buildSocketApp, type ForwardLaunch } from "../../../../agent/launcher/routes.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../../support/agent/launcher.js";

const log = pino({ level: "silent" });
const isNode = async (address: string) => ["10.0.0.1", "10.0.0.2"].includes(address);

describe("POST /v1/launch from an agent", () => {
  function peerApp(hold: Launches["hold"]) {
    const app = fastify();
    replyErrors(app);
    addPeerLaunchRoute(app, { launches: { restore: async () => {}, hold }, isNode });
    return (payload: unknown) =>
      app.inject({ method: "POST", url: "/v1/launch", payload: payload as object });
  }
  const never: Launches["hold"] = async () => {
    throw new Error("nothing may be started");
  };

  test("answers with the proxy's end", async () => {
    const asked: unknown[] = [];
    const post = peerApp(async (id, argv) => {
      asked.push({ id, argv });
      return { exitCode: 0, output: "" };
    });
    const reply = await post({ id: LAUNCH_ID, argv: PROXY_ARGV });
    expect(reply.json()).toEqual({ exitCode: 0, output: "" });
    expect(asked).toEqual([{ id: LAUNCH_ID, argv: PROXY_ARGV }]);
  });

  const elsewhere = PROXY_ARGV.map((word) => (word.startsWith("10.") ? "203.0.113.9:80" : word));
  test.each<[string, unknown, string]>([
    ["another program", { id: LAUNCH_ID, argv: ["/bin/sh", "-c", "id"] }, "launch_refused"],
    ["an mpiexec outside the cluster", { id: LAUNCH_ID, argv: elsewhere }, "launch_refused"],
    ["an id that is a path", { id: "../../etc/cron.d/x", argv: PROXY_ARGV }, "request_invalid"],
    ["an argv that is no list of words", { id: LAUNCH_ID, argv: { 0: "x" } }, "request_invalid"],
  ])("with %s fails, and starts nothing", async (_name, payload, code) => {
    const reply = await peerApp(never)(payload);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { code } });
  });
});

describe("the socket's app, for launch.sh", () => {
  const words = (host: string, argv: readonly string[]) => Buffer.from(["-x", host, ...argv, ""].join("\0"));
  function post(forward: ForwardLaunch, payload: Buffer, id = LAUNCH_ID) {
    return buildSocketApp({ forward, isNode, log }).inject({
      method: "POST",
      url: "/v1/launch",
      headers: { "content-type": "application/octet-stream", "muster-launch-id": id },
      payload,
    });
  }
  const never: ForwardLaunch = async () => {
    throw new Error("nothing may be sent");
  };

  test.each<[string, number | null, string]>([
    ["the proxy's status", 7, "ended 7\nwords"],
    ["0 where the status is unknown", null, "ended 0\nwords"],
  ])("answers %s", async (_name, exitCode, text) => {
    const sent: unknown[] = [];
    const forward: ForwardLaunch = async (host, launch) => {
      sent.push({ host, ...launch });
      return { exitCode, output: "words" };
    };
    const reply = await post(forward, words("10.0.0.2", PROXY_ARGV));
    expect(reply.body).toBe(text);
    expect(sent).toEqual([{ host: "10.0.0.2", id: LAUNCH_ID, argv: PROXY_ARGV }]);
  });

  test.each<[string, Buffer, RegExp]>([
    [
      "a host outside the cluster: the peer token must not leave it",
      words("203.0.113.9", PROXY_ARGV),
      /^refused\n.*"203\.0\.113\.9" is no node/,
    ],
    ["another program", words("10.0.0.2", ["/bin/sh"]), /^refused\n.*program is "\/bin\/sh"/],
    ["no call of Hydra's", Buffer.from("hello"), /^refused\n/],
  ])("refuses %s", async (_name, payload, text) => {
    expect((await post(never, payload)).body).toMatch(text);
  });

  test("refuses an id that is none", async () => {
    expect((await post(never, words("10.0.0.2", PROXY_ARGV), "x")).body).toMatch(/^refused\n/);
  });

  test.each<[AgentError, RegExp]>([
    [new AgentError("launch_failed", "10.0.0.2: connect ECONNREFUSED"), /^retry\n.*ECONNREFUSED/],
    [new AgentError("launch_refused", "10.0.0.2: no"), /^refused\n/],
  ])("tells what to retry from what is final: %s", async (error, text) => {
    const forward: ForwardLaunch = async () => {
      throw error;
    };
    expect((await post(forward, words("10.0.0.2", PROXY_ARGV))).body).toMatch(text);
  });
});
