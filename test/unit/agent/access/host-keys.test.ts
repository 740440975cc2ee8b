import { beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { buildHostKeysApp } from "../../../../agent/access/app.js";
import { createHostKeys } from "../../../../agent/access/host-keys.js";
import type { NodeAccess } from "../../../../agent/contract/node-access.js";

const node = (id: string, address: string, hostname: string, key = `ssh-ed25519 ${id}`): NodeAccess => ({
  ...{ id, address, hostname, publicAddress: null, cores: 2, kind: "worker" },
  sshHostKeys: key === "" ? [] : [key],
});

let nowMs: number;
let reads: number;
let nodes: readonly NodeAccess[] | Error;
beforeEach(() => {
  nowMs = 0;
  reads = 0;
  nodes = [node("i-1", "10.0.0.1", "ip-1"), node("i-2", "10.0.0.2", "ip-2")];
});
const make = () =>
  createHostKeys(
    async () => {
      reads += 1;
      if (nodes instanceof Error) throw nodes;
      return nodes;
    },
    { monotonicMs: () => nowMs },
  );

describe("host keys", () => {
  test("are found by address and by host name, with one read for all connections of 10 s", async () => {
    const keys = make();
    expect(await Promise.all([keys.linesFor("10.0.0.1"), keys.linesFor("ip-2")])).toEqual([
      ["10.0.0.1 ssh-ed25519 i-1"],
      ["ip-2 ssh-ed25519 i-2"],
    ]);
    nowMs = 9_999;
    await keys.linesFor("10.0.0.2");
    expect(reads).toBe(1);
    nowMs = 10_000;
    await keys.linesFor("10.0.0.2");
    expect(reads).toBe(2);
  });

  test("of a node that has just come are there after a second", async () => {
    const keys = make();
    expect(await keys.linesFor("10.0.0.3")).toEqual([]);
    nodes = [node("i-3", "10.0.0.3", "ip-3")];
    expect(await keys.linesFor("10.0.0.3")).toEqual([]);
    nowMs = 1_000;
    expect(await keys.linesFor("10.0.0.3")).toEqual(["10.0.0.3 ssh-ed25519 i-3"]);
  });

  test("stay known while the registry is away, and fail where nothing was read before", async () => {
    const keys = make();
    await keys.linesFor("10.0.0.1");
    nodes = new Error("throttled");
    nowMs = 60_000;
    expect(await keys.linesFor("10.0.0.1")).toEqual(["10.0.0.1 ssh-ed25519 i-1"]);
    await expect(make().linesFor("10.0.0.1")).rejects.toThrow("throttled");
  });

  test("of a host name that two nodes have count for neither", async () => {
    nodes = [node("i-1", "10.0.0.1", "same"), node("i-2", "10.0.0.2", "same")];
    const keys = make();
    expect(await keys.linesFor("same")).toEqual([]);
    expect(await keys.linesFor("10.0.0.2")).toEqual(["10.0.0.2 ssh-ed25519 i-2"]);
  });
});

describe("the socket", () => {
  const ask = (path: string) => buildHostKeysApp(make(), pino({ level: "silent" })).inject(path);

  test("answers lines of known_hosts", async () => {
    const reply = await ask("/v1/known-hosts/10.0.0.1");
    expect([reply.statusCode, reply.body]).toEqual([200, "10.0.0.1 ssh-ed25519 i-1\n"]);
  });

  test.each([
    ["a host that is no node", "/v1/known-hosts/github.com", 404],
    ["no host name", "/v1/known-hosts/a%20b", 400],
    ["a line's end", "/v1/known-hosts/a%0Ab", 400],
    ["nothing that there is", "/v1/status", 404],
  ])("refuses %s", async (_name, path, status) => {
    expect((await ask(path)).statusCode).toBe(status);
  });

  test("says why it can't know", async () => {
    nodes = new Error("throttled");
    const reply = await ask("/v1/known-hosts/10.0.0.1");
    expect([reply.statusCode, reply.body]).toEqual([503, "throttled\n"]);
  });
});
