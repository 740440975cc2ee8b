import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import { InterruptedError } from "../../../../provider/core/diagnostic.js";
import { watchAgents } from "../../../../provider/resources/fleet/agents.js";
import type { GroupContext } from "../../../../provider/resources/fleet/context.js";
import { HopelessError, knownCause } from "../../../../provider/resources/fleet/hopeless.js";
import { manualClock } from "../../../support/manual-clock.js";

const hopeless = (instanceId: string | null) =>
  new HopelessError(because("node-agent-cannot-start", "it can't"), "Mend it.", instanceId);
const fatal = (code: string) =>
  JSON.stringify({ level: 60, time: "2026-01-01T00:00:00Z", code, msg: "It can't.", hint: "Mend it." });
const LASTING = fatal("config-invalid");
const PASSING = fatal("secret-unavailable");

/** A group of these instances, with what is on their consoles; `looked` has whose console was read, in order. */
function watched(instances: readonly string[], consoles: Readonly<Record<string, string | Error>> = {}) {
  const clock = manualClock();
  const looked: string[] = [];
  const world = { heard: [] as string[] };
  const warned: string[] = [];
  const groups = {
    describe: async () => ({ instances: instances.map((id) => ({ id, lifecycle: "InService" })) }),
    async consoleLines(id: string) {
      looked.push(id);
      const said = consoles[id];
      if (said instanceof Error) throw said;
      return said === undefined ? [] : [said];
    },
  };
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => void warned.push(text) };
  const context = { clock, log, client: { groups } } as unknown as GroupContext;
  const agents = watchAgents("nodes", async () => world.heard.map((id) => ({ id })), context);
  const lookAfter = (ms: number) => {
    clock.advance(ms);
    return agents.look();
  };
  return { world, looked, warned, lookAfter };
}

test.each<[string, Error, object]>([
  ["the next step", hopeless(null), { next: "Mend it." }],
  ["the instance whose console shows more", hopeless("i-2"), { next: "Mend it.", instanceId: "i-2" }],
  ["nothing where it is another error", new Error("boom"), {}],
])("what is hopeless tells %s", (_name, error, expected) => {
  expect(knownCause(error)).toEqual(expected);
});

describe("the watch on agents of which nothing was heard", () => {
  test("reads consoles every fifteen seconds, and not at once: a node has to boot", async () => {
    const { looked, lookAfter } = watched(["i-1"]);
    const seen: number[] = [];
    for (const ms of [0, 14_999, 1, 14_999, 1]) {
      await lookAfter(ms);
      seen.push(looked.length);
    }
    expect(seen).toEqual([0, 0, 1, 1, 2]);
  });

  test("reads three at a look, each in its turn, and none of a node that was heard", async () => {
    const { world, looked, lookAfter } = watched(["i-1", "i-2", "i-3", "i-4", "i-5"]);
    world.heard = ["i-2"];
    for (let look = 0; look < 2; look += 1) await lookAfter(15_000);
    expect(looked).toEqual(["i-1", "i-3", "i-4", "i-5", "i-1", "i-3"]);
  });

  test("reads each once where there are fewer, and none where all were heard", async () => {
    const { world, looked, lookAfter } = watched(["i-1", "i-2"]);
    await lookAfter(15_000);
    expect(looked).toEqual(["i-1", "i-2"]);
    world.heard = ["i-1", "i-2"];
    await lookAfter(15_000);
    expect(looked).toHaveLength(2);
  });

  test("fails for a cause that lasts, with the agent's own words, and not for one that may pass", async () => {
    const { lookAfter } = watched(["i-1", "i-2"], { "i-1": PASSING, "i-2": LASTING });
    await expect(lookAfter(15_000)).rejects.toMatchObject({
      message: "the agent of i-2 can't start: It can't (config-invalid)",
      ...{ reasonCode: "node-agent-cannot-start", instanceId: "i-2" },
      next: expect.stringMatching(/^Mend it\. Then apply again/),
    });
    await watched(["i-1"], { "i-1": PASSING }).lookAfter(15_000);
  });

  test("goes on where a console can't be read, and ends when Terraform is stopped", async () => {
    const { warned, lookAfter } = watched(["i-1"], { "i-1": new Error("AccessDenied") });
    await lookAfter(15_000);
    expect(warned).toEqual(["could not read a node's console"]);
    const stopped = watched(["i-1"], { "i-1": new InterruptedError("Stopped.") });
    await expect(stopped.lookAfter(15_000)).rejects.toThrow("Stopped.");
  });
});
