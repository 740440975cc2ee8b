import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { NO_REASON } from "../../../../agent/contract/reasons.js";
import { createJobWriter } from "../../../../agent/jobs/job-writer.js";
import { fakeRegistry } from "../../../support/agent/fake-jobs.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

const SELF = { instanceId: "i-a", address: "10.0.0.1" };
const END = { status: "FINISHED", phase: "ended", exitCode: 0, ...NO_REASON } as const;

async function setUp() {
  const job = { ...queuedJob(), status: "INPROGRESS" as const, leaseGeneration: 1 };
  const fake = fakeRegistry(job);
  const clock = manualClock();
  const writer = createJobWriter(job, { registry: fake.registry, clock, log: pino({ level: "silent" }) });
  const pass = async (ms = 200): Promise<void> => {
    clock.advance(ms);
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return { job, fake, writer, pass, now: () => fake.get(job.id) };
}

test("a launch is written when the call resolves, and takes along what was behind; its record follows", async () => {
  const { job, fake, writer, pass } = await setUp();
  expect(await writer.write({ phase: "source" })).toBe(true);
  expect(fake.history).toEqual([]);
  expect(await writer.write({ phase: "launching", attempt: 1, launchedOn: SELF, ranks: 4 })).toBe(true);
  expect(fake.history).toEqual([`${job.id} launching`]);
  expect(fake.attempt(job.id)).toBeNull();
  await pass();
  expect(fake.attempt(job.id)).toMatchObject({ phase: "launching", launchedOn: SELF, ranks: 4 });
});

test("what goes behind is written a moment later, together, the latest last", async () => {
  const { job, fake, writer, pass } = await setUp();
  await writer.write({ phase: "source" });
  await writer.write({ phase: "preflight" });
  await pass(199);
  expect(fake.history).toEqual([]);
  await pass(1);
  expect(fake.history).toEqual([`${job.id} preflight`]);
});

test("what could not be written behind is written later, by a look or by the next write", async () => {
  const { fake, writer, pass, now } = await setUp();
  await writer.write({ phase: "launching", attempt: 1, launchedOn: SELF, ranks: 4 });
  await pass();
  fake.faults.isDown = true;
  await writer.write({ phase: "running", startedAt: "2026-01-01T00:00:01Z" });
  await pass();
  expect(now().phase).toBe("launching");
  fake.faults.isDown = false;
  expect(writer.goOn()).toBe(true);
  await pass();
  expect(now()).toMatchObject({ phase: "running", startedAt: "2026-01-01T00:00:01Z" });
});

test("the end says all that was not written before it", async () => {
  const { fake, writer, pass, now } = await setUp();
  await writer.write({ phase: "launching", attempt: 1, launchedOn: SELF, ranks: 4 });
  fake.faults.isDown = true;
  await writer.write({ phase: "running", startedAt: "2026-01-01T00:00:01Z" });
  await pass();
  await expect(writer.write(END)).rejects.toThrow("throttled");
  fake.faults.isDown = false;
  expect(await writer.write(END)).toBe(true);
  const whole = { status: "FINISHED", startedAt: "2026-01-01T00:00:01Z", ranks: 4, exitCode: 0 };
  expect(now()).toMatchObject(whole);
});

test("a job that another head has taken is not ours any more, as soon as a write finds that", async () => {
  const { job, fake, writer, pass } = await setUp();
  fake.set(job.id, { leaseGeneration: 2 });
  expect(await writer.write({ phase: "source" })).toBe(true);
  await pass();
  expect(writer.goOn()).toBe(false);
  expect(await writer.write({ phase: "launching", attempt: 1 })).toBe(false);
  expect(await writer.write(END)).toBe(false);
  expect(fake.history).toEqual([]);
});
