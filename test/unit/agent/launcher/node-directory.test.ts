import { describe, expect, test } from "@jest/globals";
import type { NodeItem } from "../../../../agent/contract/registry.js";
import {
  createNodeCheck,
  createNodeDirectory,
  listedWorker,
} from "../../../../agent/launcher/node-directory.js";
import { nodeItem, nodeSummary } from "../../../support/agent/cluster-item.js";
import { manualClock } from "../../../support/manual-clock.js";

const node = (id: string, address: string): NodeItem => nodeItem(nodeSummary(id, { address }));

const found = (instanceId: string) => ({ instanceId, kind: "worker" });

describe("the directory of a node that launches", () => {
  test("keeps no node that was last listed half a minute ago", async () => {
    const clock = manualClock();
    clock.advance(60_000);
    let nodes = [node("i-a", "10.0.0.1")];
    const find = createNodeDirectory(async () => nodes, clock);
    await find("10.0.0.1");
    nodes = [];
    clock.advance(30_000);
    expect(await find("10.0.0.1")).toBeNull();
  });

  test("finds nodes by address; a miss is looked up again after a second, a hit after ten", async () => {
    const clock = manualClock();
    let reads = 0;
    let nodes = [node("i-a", "10.0.0.1")];
    const find = createNodeDirectory(async () => {
      reads += 1;
      return nodes;
    }, clock);

    expect(await Promise.all([find("10.0.0.1"), find("10.0.0.2")])).toEqual([found("i-a"), null]);
    expect(reads).toBe(1);
    nodes = [node("i-b", "10.0.0.2")];
    expect(await find("10.0.0.2")).toBeNull();
    clock.advance(1_000);
    expect(await find("10.0.0.2")).toEqual(found("i-b"));
    clock.advance(9_999);
    expect(await find("10.0.0.2")).toEqual(found("i-b"));
    expect(reads).toBe(2);
  });

  test("keeps one whose agent is restarted for half a minute, although it is listed no more, and not for longer", async () => {
    const clock = manualClock();
    clock.advance(60_000);
    let nodes = [node("i-a", "10.0.0.1")];
    const find = createNodeDirectory(async () => nodes, clock);
    expect(await find("10.0.0.1")).toEqual(found("i-a"));
    nodes = [];
    // It is read again after 10 s, 20 s, and 29.999 s.
    for (const passedMs of [10_000, 10_000, 9_999]) {
      clock.advance(passedMs);
      // One that is not known makes it read again.
      expect([await find("10.0.0.9"), await find("10.0.0.1")]).toEqual([null, found("i-a")]);
    }
    clock.advance(1_000);
    expect([await find("10.0.0.9"), await find("10.0.0.1")]).toEqual([null, null]);
    // Another instance has its address: what is listed counts.
    nodes = [node("i-b", "10.0.0.1")];
    clock.advance(1_000);
    expect(await find("10.0.0.1")).toEqual(found("i-b"));
  });

  test("asks the registry for none that is known here, and keeps it while its agent is restarted", async () => {
    const clock = manualClock();
    let reads = 0;
    let known = [found("i-a")];
    const find = createNodeDirectory(
      async () => {
        reads += 1;
        return [];
      },
      clock,
      (address) => (address === "10.0.0.1" ? (known[0] as never) : null) ?? null,
    );
    expect(await find("10.0.0.1")).toEqual(found("i-a"));
    expect(reads).toBe(0);
    expect(await find("10.0.0.2")).toBeNull();
    expect(reads).toBe(1);
    known = [];
    clock.advance(29_000);
    expect(await find("10.0.0.1")).toEqual(found("i-a"));
    clock.advance(30_000);
    expect(await find("10.0.0.1")).toBeNull();
  });

  test.each([
    ["listed", ["10.0.0.1", "10.0.0.2"], "i-a", found("i-a")],
    ["not listed, such as one that is set aside or has fallen silent", ["10.0.0.2"], "i-a", null],
    ["not known by its instance", ["10.0.0.1"], null, null],
    ["of a node that is no head", null, "i-a", null],
  ])("knows of a head's nodes one that is %s", (_what, addresses, instanceId, wanted) => {
    const nodes = addresses?.map((address) => ({ address })) ?? null;
    const head = { hostfileNow: () => (nodes === null ? null : { nodes }), instanceAt: () => instanceId };
    expect(listedWorker("10.0.0.1", head)).toEqual(wanted);
    expect(listedWorker("10.0.0.1", null)).toBeNull();
  });

  test("has no node that no head has heard, and asks a registry that failed again", async () => {
    const { failingProbes: _, ...unheard } = node("i-a", "10.0.0.1");
    expect(await createNodeDirectory(async () => [unheard], manualClock())("10.0.0.1")).toBeNull();
    let isDown = true;
    const find = createNodeDirectory(async () => {
      if (isDown) throw new Error("down");
      return [node("i-a", "10.0.0.1")];
    }, manualClock());
    await expect(find("10.0.0.1")).rejects.toThrow("down");
    isDown = false;
    expect(await find("10.0.0.1")).toEqual(found("i-a"));
  });
});

describe("the check of a node that is asked to launch", () => {
  test("reads the one item that is named, and believes it, not who names it", async () => {
    const reads: string[] = [];
    const clock = manualClock();
    clock.advance(1);
    const { failingProbes: _, ...unheard } = node("i-new", "10.0.0.3");
    const items: Readonly<Record<string, NodeItem>> = { "i-a": node("i-a", "10.0.0.1"), "i-new": unheard };
    const isNodeAt = createNodeCheck(async (id) => {
      reads.push(id);
      return items[id] ?? null;
    }, clock);

    expect(await isNodeAt("i-a", "203.0.113.9")).toBe(false);
    expect(await isNodeAt("i-none", "10.0.0.1")).toBe(false);
    expect(await isNodeAt("i-new", "10.0.0.3")).toBe(false);
    expect(await isNodeAt("i-a", "10.0.0.1")).toBe(true);
    expect(await isNodeAt("i-a", "10.0.0.1")).toBe(true);
    expect(reads).toEqual(["i-a", "i-none", "i-new", "i-a"]);
    clock.advance(9_999);
    expect(await isNodeAt("i-a", "10.0.0.1")).toBe(true);
    expect(reads).toHaveLength(4);
    clock.advance(1);
    expect(await isNodeAt("i-a", "10.0.0.1")).toBe(true);
    expect(reads).toHaveLength(5);
  });
});

test("the check remembers a thousand nodes, and begins anew with the next", async () => {
  const reads: string[] = [];
  const check = createNodeCheck(async (id) => {
    reads.push(id);
    return node(id, "10.0.0.1");
  }, manualClock());
  const first = Array.from({ length: 1_000 }, (_, index) => `i-${index}`);
  for (const id of [...first, ...first]) await check(id, "10.0.0.1");
  expect(reads).toEqual(first);
  for (const id of ["i-next", "i-next", "i-0"]) await check(id, "10.0.0.1");
  expect(reads.slice(1_000)).toEqual(["i-next", "i-0"]);
});

test("the check reads no item of a node that is known here", async () => {
  let reads = 0;
  const read = async () => {
    reads += 1;
    return null;
  };
  const isKnown = (id: string, address: string) => id === "i-head" && address === "10.0.0.1";
  const check = createNodeCheck(read, manualClock(), isKnown);
  expect(await check("i-head", "10.0.0.1")).toBe(true);
  expect(reads).toBe(0);
  expect(await check("i-head", "10.0.0.2")).toBe(false);
  expect(await check("i-b", "10.0.0.1")).toBe(false);
  expect(reads).toBe(2);
});
