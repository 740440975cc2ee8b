import { expect, test } from "@jest/globals";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createJobAnswers } from "../../../../agent/http/job-answers.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

/** Answers over a registry that counts its reads, and answers when it is told to. */
function answersOver(job: Partial<JobItem> = {}) {
  const clock = manualClock(1_000_000);
  const world = { job: { ...queuedJob(), ...job } as JobItem, reads: 0, isDown: false, isHeld: false };
  const waiting: (() => void)[] = [];
  const answers = createJobAnswers({
    async read() {
      world.reads += 1;
      const { job: found } = world;
      if (world.isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
      if (world.isDown) throw new Error("the registry is down");
      return found;
    },
    clock,
  });
  const toJson = ({ status, phase }: JobItem) => JSON.stringify({ status, phase });
  const ask = async (id = "job-1") => String(answers.known(id) ?? (await answers.read(id, toJson)));
  const answer = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { world, clock, answers, ask, answer };
}

const NEW = JSON.stringify({ status: "NEW", phase: "queued" });
const RUNNING = JSON.stringify({ status: "INPROGRESS", phase: "running" });
const RUN = { ...queuedJob(), status: "INPROGRESS", phase: "running" } as JobItem;

test("all who ask within a moment share one read, and see a change after it", async () => {
  const { world, clock, ask } = answersOver();
  for (let n = 0; n < 50; n += 1) expect(await ask()).toBe(NEW);
  world.job = RUN;
  clock.advance(199);
  expect([await ask(), world.reads]).toEqual([NEW, 1]);
  clock.advance(1);
  expect([await ask(), world.reads]).toEqual([RUNNING, 2]);
});

test("those who ask while it is read share that read, however long it takes", async () => {
  const { world, clock, ask, answer } = answersOver();
  world.isHeld = true;
  const first = ask();
  clock.advance(5_000);
  const second = ask();
  answer();
  expect([await first, await second, world.reads]).toEqual([NEW, NEW, 1]);
});

test.each([
  ["whose log is delivered", { logState: "delivered" }, 1],
  ["whose log is on its way", { logState: "pending" }, 2],
] as const)("an ended job %s is read %#", async (_name, { logState }, reads) => {
  const { world, clock, ask } = answersOver({ status: "FINISHED", phase: "ended", logState });
  await ask();
  clock.advance(4_999);
  await ask();
  expect(world.reads).toBe(reads);
});

test("what this node has changed is seen at once, also by who asks while it is being read", async () => {
  const { world, answers, ask, answer } = answersOver();
  await ask();
  world.job = RUN;
  answers.forget("job-1");
  expect(await ask()).toBe(RUNNING);
  answers.forget("job-1");
  world.isHeld = true;
  const before = ask();
  world.job = { ...RUN, phase: "ended" };
  answers.forget("job-1");
  const after = ask();
  answer();
  expect(await before).toBe(RUNNING);
  expect(await after).toContain("ended");
  expect(await ask()).toContain("ended");
});

test("what fails is not kept", async () => {
  const { world, ask } = answersOver();
  world.isDown = true;
  await expect(ask()).rejects.toThrow("the registry is down");
  world.isDown = false;
  expect(await ask()).toBe(NEW);
});

test("long answers are kept up to a bound, the latest read first", async () => {
  const { world, answers } = answersOver();
  const long = () => "x".repeat(1_500_000);
  for (const id of ["job-1", "job-2", "job-3"]) await answers.read(id, long);
  expect(["job-1", "job-2", "job-3"].map((id) => answers.known(id) !== null)).toEqual([false, true, true]);
  expect(world.reads).toBe(3);
});
