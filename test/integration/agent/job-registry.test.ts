import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJobRegistry } from "../../../agent/aws/job-registry.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import type { ClusterTable } from "../../../agent/aws/table.js";
import type { JobRegistry } from "../../../agent/jobs/ports.js";
import { queuedJob } from "../../support/agent/jobs.js";
import { createClusterTable } from "../../support/agent/registry-table.js";
import { startEmulator, type TestEmulator } from "../../support/emulator.js";

let emulator: TestEmulator;
let table: ClusterTable;
let registry: JobRegistry;

beforeAll(async () => {
  emulator = await startEmulator();
  table = await createClusterTable(emulator);
  registry = createJobRegistry(table);
});
afterAll(async () => {
  table.client.destroy();
  await emulator.stop();
});

let count = 0;
/** Submits a job as the HTTP route does. */
async function submitted(submittedAt?: string) {
  const job = queuedJob(`key-${count++}`, { environment: { A: "1" } }, submittedAt);
  await createJobSubmissions(table).submit(job);
  return job;
}

describe("the jobs in DynamoDB", () => {
  test("queue oldest first, come back as they were written, and leave the queue when they end", async () => {
    const second = await submitted("2026-01-02T00:00:00Z");
    const first = await submitted("2026-01-01T00:00:00Z");
    expect(await registry.queue()).toEqual([first, second]);
    await registry.claim(first.id, 1);
    expect((await registry.queue()).map(({ id }) => id)).toEqual([first.id, second.id]);
    await registry.update(first.id, 1, { status: "FINISHED", phase: "ended", exitCode: 0 });
    expect((await registry.queue()).map(({ id }) => id)).toEqual([second.id]);
    expect(await registry.read(first.id)).toMatchObject({
      status: "FINISHED",
      exitCode: 0,
      request: first.request,
    });
  });

  test("two heads that claim at once: the older generation never takes it from the newer", async () => {
    const job = await submitted();
    await Promise.all([registry.claim(job.id, 4), registry.claim(job.id, 5), registry.claim(job.id, 4)]);
    expect((await registry.read(job.id))?.leaseGeneration).toBe(5);
    expect(await registry.claim(job.id, 4)).toBeNull();
    expect(await registry.claim(job.id, 5)).toMatchObject({ id: job.id, leaseGeneration: 5 });
  });

  test("a newer head adopts what an older one runs; the older one can write nothing any more", async () => {
    const job = await submitted();
    await registry.claim(job.id, 1);
    expect(await registry.update(job.id, 1, { phase: "running", ranks: 4 })).toBe(true);
    expect(await registry.claim(job.id, 2)).toMatchObject({ phase: "running", ranks: 4, leaseGeneration: 2 });
    expect(await registry.update(job.id, 1, { status: "FAILED", phase: "ended" })).toBe(false);
    expect(await registry.read(job.id)).toMatchObject({ status: "INPROGRESS", phase: "running" });
  });

  test.each(["FINISHED", "FAILED", "CANCELLED"] as const)("a job that is %s is final", async (status) => {
    const job = await submitted();
    await registry.claim(job.id, 1);
    await registry.update(job.id, 1, { status, phase: "ended" });
    expect(await registry.claim(job.id, 2)).toBeNull();
    expect(await registry.update(job.id, 1, { reason: "too late" })).toBe(false);
  });

  test("a job that is not there can't be claimed, and is not made by it", async () => {
    expect(await registry.claim("job-none", 1)).toBeNull();
    expect(await registry.update("job-none", 1, { phase: "running" })).toBe(false);
    expect(await registry.read("job-none")).toBeNull();
  });

  test("a queue of more than one page comes whole", async () => {
    const big = "x".repeat(150_000);
    for (let i = 0; i < 9; i += 1) {
      const job = queuedJob(
        `big-${i}`,
        { script: { name: "a.py", content: big } },
        `2027-01-01T00:00:0${i}Z`,
      );
      await createJobSubmissions(table).submit(job);
    }
    const queue = await registry.queue();
    expect(queue.filter(({ idempotencyKey }) => idempotencyKey.startsWith("big-"))).toHaveLength(9);
  });
});
