import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createStrays, isStray } from "../../../../agent/jobs/strays.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

const SELF = { instanceId: "i-a", address: "10.0.0.1" };
const OTHER = { instanceId: "i-b", address: "10.0.0.2" };
const running: JobItem = { ...queuedJob(), status: "INPROGRESS", phase: "running", launchedOn: SELF };

test.each<[string, Partial<JobItem> | null, boolean]>([
  ["runs here", {}, false],
  ["is gone", null, true],
  ["has ended", { status: "FAILED", phase: "ended" }, true],
  ["has its log delivered", { phase: "delivering" }, true],
  ["waits for its next attempt", { phase: "retrying" }, true],
  ["was started elsewhere", { launchedOn: OTHER }, true],
  ["was started nowhere", { launchedOn: null }, true],
])("what runs here of a job that %s is over as that says", (_name, change, is) => {
  expect(isStray(change === null ? null : { ...running, ...change }, SELF)).toBe(is);
});

/** A node with processes of these jobs; what the registry says of each is in `items`, and of the others that they are gone. */
function world(...ids: string[]) {
  const clock = manualClock();
  const state = {
    ...{ ids, calls: [] as string[], isDown: false },
    items: new Map<string, JobItem>(),
    whileRead: () => {},
  };
  const strays = createStrays({
    registry: {
      async read(id) {
        state.calls.push(`read ${id}`);
        if (state.isDown) throw new Error("an outage");
        const item = state.items.get(id) ?? null;
        state.whileRead();
        return item;
      },
    },
    processes: {
      ids: async () => state.ids,
      signal: async (id, signal) => void state.calls.push(`${signal} ${id}`),
      async forget(id) {
        state.ids = state.ids.filter((other) => other !== id);
      },
    },
    ...{ self: SELF, clock, log: pino({ level: "silent" }) },
  });
  const later = async (seconds: number, driven: readonly string[] = []) => {
    clock.advance(seconds * 1_000);
    await strays.look(driven);
    return state.calls.splice(0);
  };
  return { state, strays, later };
}

describe("a node's strays", () => {
  test("are ended at once, and what it drives itself is not even read", async () => {
    const { later } = world("mine", "over");
    expect(await later(0, ["mine"])).toEqual(["read over", "SIGKILL over"]);
  });

  test("are looked for each five seconds while a job has processes here, else each minute", async () => {
    const { state, later } = world("mine");
    await later(0, ["mine"]);
    state.ids = [];
    expect([await later(4.9), await later(0.1), await later(59.9)]).toEqual([[], [], []]);
    state.ids = ["over"];
    expect([await later(0), await later(0.1)]).toEqual([[], ["read over", "SIGKILL over"]]);
  });

  test("may be what this node has driven, from the moment on at which it does so no more until the registry has said what it is", async () => {
    const { state, strays, later } = world("job");
    await later(0, ["job"]);
    expect(strays.unclear()).toEqual([]);
    strays.left("job");
    expect(strays.unclear()).toEqual(["job"]);
    state.isDown = true;
    expect([await later(0), await later(4.9), strays.unclear()]).toEqual([["read job"], [], ["job"]]);
    state.isDown = false;
    // It has been concluded meanwhile.
    expect([await later(0.1), strays.unclear()]).toEqual([["read job", "SIGKILL job"], []]);
  });

  test("are none where another head looks after the job; with each change of the head that is asked anew", async () => {
    const { state, strays, later } = world("job");
    state.items.set("job", running);
    expect([await later(0), strays.unclear()]).toEqual([["read job"], []]);
    strays.doubt();
    expect(strays.unclear()).toEqual(["job"]);
    expect([await later(0), strays.unclear()]).toEqual([["read job"], []]);
  });

  test("are not judged by an answer that was asked for before the doubt", async () => {
    const { state, strays, later } = world("job");
    state.items.set("job", running);
    state.whileRead = () => strays.doubt();
    expect([await later(0), strays.unclear()]).toEqual([["read job"], ["job"]]);
    state.whileRead = () => {};
    expect([await later(0), strays.unclear()]).toEqual([["read job"], []]);
  });
});
