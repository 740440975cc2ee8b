import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { fastify } from "fastify";
import { pino } from "pino";
import { AgentError } from "../../../../agent/errors.js";
import { replyErrors } from "../../../../agent/http/reply-errors.js";
import type { Launches } from "../../../../agent/launcher/launches.js";
import type { FoundNode } from "../../../../agent/launcher/node-directory.js";
import {
  addPeerLaunchRoute,
  buildRanksApp,
  buildSocketApp,
  type ForwardLaunch,
} from "../../../../agent/launcher/routes.js";
import { LAUNCH_ID, PROXY_ARGV } from "../../../support/agent/launcher.js";

const log = pino({ level: "silent" });
const NODES: Readonly<Record<string, FoundNode>> = {
  "10.0.0.1": { instanceId: "i-a", kind: "worker" },
  "10.0.0.2": { instanceId: "i-b", kind: "worker" },
  "10.0.0.9": { instanceId: "i-n", kind: "notebook" },
};
const findNode = async (address: string) => NODES[address] ?? null;
const isNodeAt = async (instanceId: string, address: string) => NODES[address]?.instanceId === instanceId;

const LAUNCH = { id: LAUNCH_ID, argv: PROXY_ARGV, controlNode: "i-a" };

describe("POST /v1/launch from an agent", () => {
  function peerApp(hold: Launches["hold"]) {
    const app = fastify();
    replyErrors(app);
    addPeerLaunchRoute(app, {
      launches: { hold },
      runsRanks: true,
      isNodeAt,
    });
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
    const reply = await post({ id: LAUNCH_ID, argv: PROXY_ARGV, controlNode: "i-a" });
    expect(reply.body).toBe('{"exitCode":0,"output":""}\n');
    expect(asked).toEqual([{ id: LAUNCH_ID, argv: PROXY_ARGV }]);
  });

  test("starts nothing on a node that is no worker", async () => {
    const app = fastify();
    replyErrors(app);
    addPeerLaunchRoute(app, { launches: { hold: never }, runsRanks: false, isNodeAt });
    const reply = await app.inject({ method: "POST", url: "/v1/launch", payload: LAUNCH });
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, "launch-refused"]);
  });

  test("lets go at once where the other agent has left before the proxy is started", async () => {
    const app = fastify();
    let open = (_isNode: boolean) => {};
    const looks = new Promise<void>((resolve) => {
      addPeerLaunchRoute(app, {
        launches: {
          async hold(_id, _argv, gone) {
            seen(gone.aborted);
            return null;
          },
        },
        runsRanks: true,
        isNodeAt: () => {
          resolve();
          return new Promise((answer) => {
            open = answer;
          });
        },
      });
    });
    let seen: (isGone: boolean) => void = () => {};
    const held = new Promise<boolean>((resolve) => {
      seen = resolve;
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    try {
      const { port } = app.server.address() as AddressInfo;
      const left = once(app.server, "connection").then(([socket]) => once(socket as Socket, "close"));
      const sent = JSON.stringify(LAUNCH);
      const client = request({
        ...{ host: "127.0.0.1", port, method: "POST", path: "/v1/launch" },
        headers: { "content-type": "application/json", "content-length": sent.length },
      });
      client.on("error", () => undefined).end(sent);
      await looks;
      client.destroy();
      await left;
      open(true);
      expect(await held).toBe(true);
    } finally {
      await app.close();
    }
  });

  test("says before what happens to the ranks, a line each", async () => {
    const post = peerApp(async (_id, _argv, _gone, onEvent) => {
      onEvent?.({ type: "ranksWait", alive: [0] });
      onEvent?.({ type: "rankFailed", rank: 1, status: 3, lines: ["a\nb"], isOutOfMemory: false });
      return { exitCode: 255, output: "" };
    });
    const reply = await post({ id: LAUNCH_ID, argv: PROXY_ARGV, controlNode: "i-a" });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/x-ndjson");
    expect(
      reply.body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { type: "ranksWait", alive: [0] },
      { type: "rankFailed", rank: 1, status: 3, lines: ["a\nb"], isOutOfMemory: false },
      { exitCode: 255, output: "" },
    ]);
  });

  test("that can't be started fails with its own status", async () => {
    const post = peerApp(async () => {
      throw new AgentError("launch-failed", "ENOENT");
    });
    expect((await post({ id: LAUNCH_ID, argv: PROXY_ARGV, controlNode: "i-a" })).statusCode).toBe(503);
  });

  const elsewhere = PROXY_ARGV.map((word) => (word.startsWith("10.") ? "203.0.113.9:80" : word));
  test.each<[string, unknown, string]>([
    [
      "another program",
      { id: LAUNCH_ID, argv: ["/bin/sh", "-c", "id"], controlNode: "i-a" },
      "launch-refused",
    ],
    [
      "an mpiexec outside the cluster",
      { id: LAUNCH_ID, argv: elsewhere, controlNode: "i-a" },
      "launch-refused",
    ],
    ["an mpiexec that is not where it says", { ...LAUNCH, controlNode: "i-b" }, "launch-refused"],
    ["no word of where mpiexec is", { id: LAUNCH_ID, argv: PROXY_ARGV }, "request-invalid"],
    [
      "an id that is a path",
      { id: "../../etc/cron.d/x", argv: PROXY_ARGV, controlNode: "i-a" },
      "request-invalid",
    ],
    [
      "an argv that is no list of words",
      { id: LAUNCH_ID, argv: { 0: "x" }, controlNode: "i-a" },
      "request-invalid",
    ],
  ])("with %s fails, and starts nothing", async (_name, payload, code) => {
    const reply = await peerApp(never)(payload);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({ error: { code } });
  });
});

describe("the socket's app, for launch.sh", () => {
  const words = (host: string, argv: readonly string[]) => Buffer.from(["-x", host, ...argv, ""].join("\0"));
  let heard: unknown[];
  /** The launches that have been awaited, and whether each wait was the last. */
  let waits: [string, boolean][];
  beforeEach(() => {
    heard = [];
    waits = [];
  });
  const listener = {
    event: (...of: unknown[]) => void heard.push(of),
    ended: (...of: unknown[]) => void heard.push(of),
  };
  const awaited = { begin: (id: string) => (isFinal: boolean) => void waits.push([id, isFinal]) };
  function post(
    forward: ForwardLaunch,
    payload: Buffer,
    id = LAUNCH_ID,
    headers: Record<string, string> = {},
    mayLaunch: (jobId: string) => Promise<boolean> = async () => true,
  ) {
    return buildSocketApp({
      address: "10.0.0.1",
      forward,
      findNode,
      listener,
      mayLaunch,
      awaited,
      log,
    }).inject({
      method: "POST",
      url: "/v1/launch",
      headers: { "content-type": "application/octet-stream", "muster-launch-id": id, ...headers },
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
    expect(sent).toEqual([{ host: "10.0.0.2", id: LAUNCH_ID, argv: PROXY_ARGV, controlNode: "i-a" }]);
  });

  test.each<[string, Buffer, RegExp]>([
    [
      "a host outside the cluster: the peer token must not leave it",
      words("203.0.113.9", PROXY_ARGV),
      /^refused\n.*"203\.0\.113\.9" is no node/,
    ],
    [
      "a notebook's node: it runs no ranks",
      words("10.0.0.9", PROXY_ARGV),
      /^refused\n.*"10\.0\.0\.9" is a notebook's node/,
    ],
    ["another program", words("10.0.0.2", ["/bin/sh"]), /^refused\n.*program is "\/bin\/sh"/],
    ["no call of Hydra's", Buffer.from("hello"), /^refused\n/],
  ])("refuses %s", async (_name, payload, text) => {
    expect((await post(never, payload)).body).toMatch(text);
  });

  test("waits until it is certain that the job runs by this mpiexec, and refuses where it does not", async () => {
    const sent: string[] = [];
    const forward: ForwardLaunch = async (host) => {
      sent.push(host);
      return { exitCode: 0, output: "" };
    };
    const asked: string[] = [];
    let decide: (isOpen: boolean) => void = () => undefined;
    const mayLaunch = (jobId: string) => {
      asked.push(jobId);
      return new Promise<boolean>((resolve) => {
        decide = resolve;
      });
    };
    const call = (isOpen: boolean) => async () => {
      const reply = post(
        forward,
        words("10.0.0.2", PROXY_ARGV),
        LAUNCH_ID,
        { "muster-job-id": "job-1" },
        mayLaunch,
      );
      while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
      asked.pop();
      expect(sent).toEqual([]);
      decide(isOpen);
      return (await reply).body;
    };
    expect(await call(false)()).toMatch(/^refused\n.*job-1 does not run by this mpiexec/);
    expect(sent).toEqual([]);
    expect(await call(true)()).toBe("ended 0\n");
    expect(sent).toEqual(["10.0.0.2"]);
    // A person's mpiexec is of no job.
    await post(forward, words("10.0.0.2", PROXY_ARGV), LAUNCH_ID, {}, () =>
      Promise.reject(new Error("not asked")),
    );
    expect(sent).toHaveLength(2);
  });

  test("passes on what happens to the ranks of a job, and of nothing else", async () => {
    const event = { type: "ranksWait", alive: [0] } as const;
    const forward: ForwardLaunch = async (_host, _launch, _gone, onEvent) => {
      onEvent(event);
      return { exitCode: 0, output: "" };
    };
    await post(forward, words("10.0.0.2", PROXY_ARGV));
    expect(heard).toEqual([]);
    await post(forward, words("10.0.0.2", PROXY_ARGV), LAUNCH_ID, { "muster-job-id": "job-1" });
    expect(heard).toEqual([
      ["job-1", "10.0.0.2", event],
      ["job-1", "10.0.0.2", { exitCode: 0, output: "" }],
    ]);
  });

  test("admits mpiexec on a notebook's node, by the node's membership, and no stranger's", async () => {
    const sent: unknown[] = [];
    const forward: ForwardLaunch = async (_host, { controlNode }) => {
      sent.push(controlNode);
      return { exitCode: 0, output: "" };
    };
    const from = (address: string) =>
      words(
        "10.0.0.2",
        PROXY_ARGV.map((word) => word.replace("10.0.0.1:", `${address}:`)),
      );
    expect((await post(forward, from("10.0.0.9"))).body).toBe("ended 0\n");
    expect((await post(never, from("10.0.0.8"))).body).toMatch(/^refused\n.*10\.0\.0\.8 is no node's/);
    expect(sent).toEqual(["i-n"]);
  });

  test("refuses an id that is none", async () => {
    expect((await post(never, words("10.0.0.2", PROXY_ARGV), "x")).body).toMatch(/^refused\n/);
  });

  test.each<[Error, RegExp]>([
    [new AgentError("launch-failed", "10.0.0.2: connect ECONNREFUSED"), /^retry\n.*ECONNREFUSED/],
    [new Error("not foreseen"), /^retry\nnot foreseen$/],
    [new AgentError("launch-refused", "10.0.0.2: no"), /^refused\n/],
  ])("tells what to retry from what is final: %s", async (error, text) => {
    const forward: ForwardLaunch = async () => {
      throw error;
    };
    expect((await post(forward, words("10.0.0.2", PROXY_ARGV))).body).toMatch(text);
    // It may come back: its wait is not over.
    expect(waits).toEqual([[LAUNCH_ID, false]]);
  });
});

describe("the ranks' app, for rank.py", () => {
  const good = { launch: LAUNCH_ID, rank: 1, status: 3, lines: ["ValueError: boo"] };
  async function post(payload: object | string) {
    const reports: unknown[] = [];
    const launches: Pick<Launches, "report"> = { report: async (report) => void reports.push(report) };
    const headers = { "content-type": "application/json" };
    const app = buildRanksApp(launches, log);
    const { statusCode } = await app.inject({ method: "POST", url: "/v1/ranks", payload, headers });
    return { statusCode, reports };
  }

  test("takes a report", async () => {
    expect(await post(good)).toEqual({ statusCode: 204, reports: [good] });
  });

  test.each<[string, object | string, number]>([
    ["another launch's shape", { ...good, launch: "../x" }, 400],
    ["a rank that ended well", { ...good, status: 0 }, 400],
    ["endless lines", { ...good, lines: Array(21).fill("x") }, 400],
    ["an endless line", { ...good, lines: ["x".repeat(1_001)] }, 400],
    ["more than it asks for", { ...good, more: 1 }, 400],
    ["a body of 100 KB", { ...good, lines: ["x".repeat(100_000)] }, 413],
    ["no JSON", "{", 400],
  ])("refuses %s", async (_name, payload, statusCode) => {
    expect(await post(payload)).toEqual({ statusCode, reports: [] });
  });
});
