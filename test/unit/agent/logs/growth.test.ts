import { beforeEach, expect, test } from "@jest/globals";
import { createGrowth } from "../../../../agent/logs/growth.js";
import { memoryOutputs } from "../../../support/agent/memory-logs.js";
import { manualClock } from "../../../support/manual-clock.js";

const OF = { jobId: "job-1", attempt: 1 };
const unending = new AbortController().signal;

let clock: ReturnType<typeof manualClock>;
let kept: ReturnType<typeof memoryOutputs>;
let looks: number;
let isDown: boolean;
let growths: ReturnType<typeof createGrowth>;
beforeEach(() => {
  clock = manualClock(1_000);
  kept = memoryOutputs();
  [looks, isDown] = [0, false];
  growths = createGrowth({
    clock,
    outputs: {
      async measure(of) {
        looks += 1;
        if (isDown) throw new Error("the file system does not answer");
        return kept.outputs.measure(of);
      },
    },
  });
});

const settle = () => new Promise((resolve) => setImmediate(resolve));
async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 5) {
    clock.advance(5);
    await settle();
  }
}

/** The milliseconds that one who follows waits for what is appended now. */
async function waited(growth: ReturnType<typeof growths.of>, text = "line\n"): Promise<number> {
  let isOver = false;
  const since = clock.monotonicMs();
  void growth.after(growth.seen(), 60_000, unending).then(() => {
    isOver = true;
  });
  kept.append(OF, text);
  while (!isOver) await pass(5);
  return clock.monotonicMs() - since;
}

test("a line that follows others is seen within 20 ms, and one after a long rest within 250", async () => {
  const growth = growths.of(OF);
  await settle();
  expect(await waited(growth)).toBeLessThanOrEqual(25);
  await pass(180);
  expect(await waited(growth)).toBeLessThanOrEqual(25);
  await pass(60_000);
  expect(await waited(growth)).toBeLessThanOrEqual(255);
  growth.stop();
});

test("one look serves all who follow, and the longer nothing comes the fewer there are", async () => {
  const many = Array.from({ length: 50 }, () => growths.of(OF));
  await pass(1_000);
  expect(looks).toBeLessThanOrEqual(50);
  await pass(10_000);
  looks = 0;
  await pass(1_000);
  expect(looks).toBeLessThanOrEqual(5);
  expect(await Promise.all(many.map((growth) => waited(growth)))).toHaveLength(50);
  for (const growth of many) growth.stop();
});

test("nothing is looked at any more once nobody follows, and again for the next who does", async () => {
  const [one, other] = [growths.of(OF), growths.of(OF)];
  one.stop();
  expect(await waited(other)).toBeLessThanOrEqual(25);
  other.stop();
  await pass(50);
  looks = 0;
  await pass(5_000);
  expect(looks).toBe(0);
  expect(await waited(growths.of(OF))).toBeLessThanOrEqual(25);
});

test("that an output goes is a change, and a file system that does not answer is none", async () => {
  kept.append(OF, "one");
  const growth = growths.of(OF);
  await pass(100);
  const before = growth.seen();
  isDown = true;
  await pass(1_000);
  expect(growth.seen()).toBe(before);
  isDown = false;
  kept.remove(OF);
  await pass(300);
  expect(growth.seen()).toBe(before + 1);
  growth.stop();
});

test("a wait ends with its time, and with the one who waits", async () => {
  const growth = growths.of(OF);
  await pass(50);
  const gone = new AbortController();
  let ended = 0;
  const note = () => {
    ended += 1;
  };
  void growth.after(growth.seen(), 100, unending).then(note);
  void growth.after(growth.seen(), 60_000, gone.signal).then(note);
  await pass(105);
  expect(ended).toBe(1);
  gone.abort();
  await settle();
  expect(ended).toBe(2);
  growth.stop();
});
