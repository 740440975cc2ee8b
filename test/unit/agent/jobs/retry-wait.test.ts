import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { because } from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createRetryWait } from "../../../../agent/jobs/retry-wait.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const RETRY_AT = "2026-01-01T00:01:00.000Z";
const FAILED = because("node-lost", "node 10.0.0.2 was lost");

/** A job of 4 processes whose next attempt is due at RETRY_AT; `world` is what there is for it. */
function waiting(change: Partial<JobItem> = {}) {
  const item: JobItem = {
    ...queuedJob("k", { processes: 4 }),
    ...{ status: "INPROGRESS", phase: "retrying", attempt: 1, retryAt: RETRY_AT, ...FAILED },
    launchedOn: { address: "10.0.0.1", instanceId: "i-1" },
    ...change,
  };
  const world = {
    state: "ended" as "running" | "ended" | "unknown",
    cores: 4,
    isQuiet: true,
    handsOver: false,
    now: RETRY_AT,
    calls: [] as string[],
  };
  const wait = createRetryWait({ item: () => item } as never, {
    host: {
      async observe() {
        world.calls.push("observe");
        return world.state;
      },
      signal: async (_id: string, signal: string) => void world.calls.push(signal),
      forget: async () => void world.calls.push("forget"),
    } as never,
    head: {
      hostfileNow: () => ({ path: "/h", nodes: [{ address: "10.0.0.1", cores: world.cores }] }),
      handsOver: () => world.handsOver,
    },
    isQuiet: () => world.isQuiet,
    clock: { now: () => new Date(world.now) },
    log: pino({ level: "silent" }),
  });
  const at = (now: string) => {
    world.now = now;
    return wait.look();
  };
  return { world, at };
}

describe("the wait for a job's next attempt", () => {
  test("ends at its time, and not before", async () => {
    const { at } = waiting();
    expect(await at("2026-01-01T00:00:59.999Z")).toBeNull();
    expect(await at(RETRY_AT)).toEqual({ type: "due" });
  });

  test("asks once for the proof that nothing of the last attempt runs, and forgets that", async () => {
    const { world, at } = waiting();
    for (const second of [58, 59]) await at(`2026-01-01T00:00:${second}.000Z`);
    expect(world.calls).toEqual(["observe", "forget"]);
  });

  test("ends what runs yet, again at each look, and takes a node that is silent for gone", async () => {
    const { world, at } = waiting();
    world.state = "running";
    for (let look = 0; look < 2; look += 1) expect(await at(RETRY_AT)).toBeNull();
    expect(world.calls).toEqual(["observe", "SIGKILL", "observe", "SIGKILL"]);
    world.state = "unknown";
    expect(await at(RETRY_AT)).toEqual({ type: "due" });
  });

  test("asks for no proof while what the last attempt prepared goes on", async () => {
    const { world, at } = waiting();
    world.isQuiet = false;
    expect([await at(RETRY_AT), world.calls]).toEqual([null, []]);
  });

  test("waits ten minutes for nodes with room, and begins then with what there is", async () => {
    const { world, at } = waiting();
    world.cores = 2;
    expect(await at(RETRY_AT)).toBeNull();
    expect(await at("2026-01-01T00:10:59.999Z")).toBeNull();
    expect(await at("2026-01-01T00:11:00.000Z")).toEqual({ type: "due" });
  });

  test("does not end on a head that is about to go: the next one begins the attempt", async () => {
    const { world, at } = waiting();
    world.handsOver = true;
    expect([await at(RETRY_AT), world.calls]).toEqual([null, ["observe", "forget"]]);
    world.handsOver = false;
    expect(await at(RETRY_AT)).toEqual({ type: "due" });
  });

  test("waits ten minutes for the proof, and is no other attempt without it", async () => {
    const { world, at } = waiting();
    world.state = "running";
    expect(await at("2026-01-01T00:10:59.999Z")).toBeNull();
    expect(await at("2026-01-01T00:11:00.000Z")).toEqual({
      type: "failed",
      why: because(
        "node-lost",
        "node 10.0.0.2 was lost; not tried again, for its processes on 10.0.0.1 did not end",
      ),
    });
  });

  test.each<[string, Partial<JobItem>, object]>([
    ["is cancelled", { cancelRequested: true }, { type: "cancelRequested" }],
    [
      "has run out of its time",
      { request: { command: ["x"], jobTimeoutSeconds: 30 }, claimedAt: "2026-01-01T00:00:00.000Z" },
      { type: "jobTimedOut" },
    ],
  ])("ends at once where the job %s", async (_name, change, event) => {
    const { world, at } = waiting(change);
    expect(await at("2026-01-01T00:00:30.000Z")).toMatchObject(event);
    expect(world.calls).toEqual([]);
  });

  test("of a job without a time begins as soon as it has the proof", async () => {
    expect(await waiting({ retryAt: null }).at(RETRY_AT)).toEqual({ type: "due" });
  });
});
