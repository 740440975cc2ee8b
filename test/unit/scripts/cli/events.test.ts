import { beforeEach, describe, expect, test } from "@jest/globals";
import { eventItem } from "../../../../agent/contract/event.js";
import { observedCluster } from "../../../support/agent/cluster-item.js";
import { FakeWorld } from "../../../support/cli/fake-world.js";

const HERE = ["--org", "acme", "--cluster", "demo"] as const;
const at = (time: string) => new Date(`2026-01-01T${time}Z`);
const ready = eventItem({ code: "cluster-ready", text: "All 2 nodes are ready." }, "a", at("00:00:00"));
const parked = eventItem({ code: "parked", text: "It has no nodes.", by: "ada" }, "b", at("00:09:00"));

let world: FakeWorld;
beforeEach(() => {
  world = new FakeWorld();
  world.clusters.push(observedCluster());
  world.events.push(ready, parked);
});

describe("muster cluster events", () => {
  test("lists what has happened, the newest last", async () => {
    expect(await world.run("cluster", "events", ...HERE)).toBe(0);
    expect(world.out.split("\n")).toEqual([
      "2026-01-01T00:00:00.000Z  cluster-ready     All 2 nodes are ready.",
      "2026-01-01T00:09:00.000Z  parked            It has no nodes. By ada.",
      "",
    ]);
  });

  test.each([
    ["--limit 1", ["--limit", "1"]],
    ["a time", ["--since", "2026-01-01T00:05:00Z"]],
    ["a while ago", ["--since", "5m"]],
  ])("shows only those of %s", async (_name, options) => {
    expect(await world.run("cluster", "events", ...HERE, ...options, "--json")).toBe(0);
    expect(JSON.parse(world.out)).toEqual({ events: [parked] });
  });

  test("shows on request the console of a node that did not boot", async () => {
    const detail = "kernel panic\nrebooting";
    world.events.push(eventItem({ code: "cluster-failed", text: "No nodes.", detail }, "d", at("00:09:30")));
    expect(await world.run("cluster", "events", ...HERE, "--limit", "1")).toBe(0);
    expect(world.out).toBe("2026-01-01T00:09:30.000Z  cluster-failed    No nodes. (2 lines: --detail)\n");
    world.written.length = 0;
    expect(await world.run("cluster", "events", ...HERE, "--limit", "1", "--detail")).toBe(0);
    expect(world.out).toBe(
      "2026-01-01T00:09:30.000Z  cluster-failed    No nodes.\n  kernel panic\n  rebooting\n",
    );
  });

  test.each(["yesterday", "2026-13-01", "3x"])("refuses %s as a time", async (since) => {
    expect(await world.run("cluster", "events", ...HERE, "--since", since)).toBe(2);
    expect(world.said.join("\n")).toContain("Give a time like");
  });

  test("says it where nothing has happened", async () => {
    world.events.length = 0;
    expect(await world.run("cluster", "events", ...HERE)).toBe(0);
    expect(world.said).toEqual(["Nothing has happened to cluster demo in that time."]);
  });

  test("follows, with a document a line, until the cluster is gone", async () => {
    const resumed = eventItem({ code: "resumed", text: "" }, "c", at("00:10:01"));
    world.meanwhile = (look) => {
      if (look === 2) world.events.push(resumed);
      if (look === 4) world.clusters.length = 0;
    };
    expect(await world.run("cluster", "events", ...HERE, "--follow", "--limit", "1", "--json")).toBe(0);
    const documents = world.out.trim().split("\n");
    expect(documents.map((line) => JSON.parse(line))).toEqual([parked, resumed]);
    expect(world.said).toEqual(["The cluster is gone."]);
  });
});
