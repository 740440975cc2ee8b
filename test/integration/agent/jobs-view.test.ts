import { randomUUID } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { createJobsView } from "../../../agent/aws/jobs-view.js";
import { type ClusterTable, perform } from "../../../agent/aws/table.js";
import { newJob } from "../../../agent/contract/job.js";
import { attemptOf } from "../../../agent/contract/job-attempt.js";
import { attemptSk, jobSk, partitionKeyed } from "../../../agent/contract/keys.js";
import { attemptWrites } from "../../../agent/contract/writes/attempt.js";
import { createClusterTable } from "../../support/agent/registry-table.js";
import type { TestEmulator } from "../../support/emulator.js";
import { EMULATORS } from "../../support/emulators.js";

describe.each(EMULATORS)("what is read of a cluster's jobs, on $name", ({ start }) => {
  let emulator: TestEmulator;
  let table: ClusterTable;
  beforeAll(async () => {
    emulator = await start();
    table = { ...(await createClusterTable(emulator)), clusterUuid: randomUUID() };
  });
  afterAll(async () => {
    table.client.destroy();
    await emulator.stop();
  });

  const jobOf = (n: number) =>
    newJob(
      table.clusterUuid,
      `k${n}`,
      { command: ["pi.py"], environment: { BIG: "x".repeat(30_000) } },
      new Date(n),
    );

  test("the latest first, cut and filtered, without what is no job, over several pages", async () => {
    const { submit, cancelQueued } = createJobSubmissions(table);
    const jobs = Array.from({ length: 60 }, (_, n) => jobOf(n));
    for (const job of jobs) await submit(job);
    const view = createJobsView(table);
    const [first] = jobs;
    await cancelQueued(first?.id ?? "", { reasonCode: "cancelled-on-request", reason: "why" }, new Date(99));
    const odd = { ...partitionKeyed(table.clusterUuid, jobSk("job-odd")), status: "NEW", attempt: "odd" };
    await table.client.send(new PutCommand({ TableName: table.TableName, Item: odd }));

    const latest = await view.list({ status: "NEW", limit: 3 });
    expect(latest.isWhole).toBe(false);
    expect(latest.jobs.map(({ id }) => id)).toEqual(
      jobs
        .slice(-3)
        .map(({ id }) => id)
        .reverse(),
    );
    expect(latest.jobs[0]).not.toHaveProperty("request");
    expect(await view.list({ status: "CANCELLED", limit: 3 })).toMatchObject({
      jobs: [{ id: first?.id, reasonCode: "cancelled-on-request" }],
      isWhole: true,
    });
    const all = await view.list({ status: null, limit: 200 });
    expect([all.jobs.length, all.isWhole]).toEqual([60, true]);
  });

  test("a job's attempts, the first one first, without what is none", async () => {
    const job = { ...jobOf(1), status: "INPROGRESS" as const, leaseGeneration: 1 };
    for (const attempt of [10, 2, 1]) {
      const record = attemptOf({ ...job, attempt });
      if (record === null) throw new Error("it has an attempt");
      await perform(table, attemptWrites.record(record));
    }
    const odd = { ...partitionKeyed(table.clusterUuid, attemptSk(job.id, 3)), number: "3" };
    await table.client.send(new PutCommand({ TableName: table.TableName, Item: odd }));
    const attempts = await createJobsView(table).attempts(job.id);
    expect(attempts.map(({ number }) => number)).toEqual([1, 2, 10]);
    expect(await createJobsView(table).attempts("job-none")).toEqual([]);
  });
});
