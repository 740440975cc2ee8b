import { describe, expect, test } from "@jest/globals";
import { createLoop } from "../../../../agent/time/loop.js";
import { fastClock } from "../../../support/agent/fast-clock.js";
import { manualClock } from "../../../support/manual-clock.js";

const soon = () => new Promise((resolve) => setImmediate(resolve));
const never = (error: unknown) => {
  throw error;
};

describe("a loop", () => {
  test("steps, pauses as long as the step says, and is woken", async () => {
    const clock = manualClock();
    let steps = 0;
    const step = async () => {
      steps += 1;
      return steps === 1 ? 0 : 1_000;
    };
    const loop = createLoop({ step, retryMs: 1, onOutage: never, clock });
    await loop.start();
    await soon();
    expect(steps).toBe(2);
    clock.advance(999);
    await soon();
    expect(steps).toBe(2);
    clock.advance(1);
    await soon();
    expect(steps).toBe(3);
    loop.wake();
    await soon();
    expect(steps).toBe(4);
    await loop.stop();
    expect(steps).toBe(4);
  });

  test("goes on after a failure, and reports each outage once", async () => {
    const story = ["down", "down", "refused", "", "refused", "refused", ""];
    const heard: string[] = [];
    const clock = fastClock();
    const loop = createLoop({
      step: async () => {
        const reason = story.shift();
        if (reason) throw new Error(reason);
        return 10;
      },
      retryMs: 100,
      onOutage: (error) => heard.push((error as Error).message),
      clock,
    });
    await loop.start();
    while (story.length > 0) await soon();
    await loop.stop();
    expect(heard).toEqual(["down", "refused", "refused"]);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(510);
  });

  test("a stop waits for the step under way, and none begins after it", async () => {
    let steps = 0;
    let finish = () => {};
    const step = () =>
      new Promise<number>((resolve) => {
        steps += 1;
        finish = () => resolve(0);
      });
    const loop = createLoop({ step, retryMs: 1, onOutage: never, clock: manualClock() });
    void loop.start();
    let hasStopped = false;
    const stopped = loop.stop().then(() => {
      hasStopped = true;
    });
    await soon();
    expect(hasStopped).toBe(false);
    finish();
    await stopped;
    expect(steps).toBe(1);
  });

  test("that is stopped before its start never steps", async () => {
    const step = async (): Promise<number> => never(new Error("a step"));
    const loop = createLoop({ step, retryMs: 1, onOutage: never, clock: manualClock() });
    await loop.stop();
    await loop.start();
  });
});
