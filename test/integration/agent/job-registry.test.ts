import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJobRegistry } from "../../../agent/aws/job-registry.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";
import { jobRecord } from "../../../agent/contract/job.js";
import { clusterPk, type JobItem, jobSk } from "../../../agent/contract/registry.js";
import type { AgentError } from "../../../agent/errors.js";
import { isUnreadable, type JobRegistry } from "../../../agent/jobs/ports.js";
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

const queuedIds = async () =>
  (await registry.queue()).map((entry) => (isUnreadable(entry) ? entry.key : entry.id));

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
    const seen = ({ id, status, phase, submittedAt, leaseGeneration, cancelRequested }: JobItem) => ({
      ...{ id, status, phase, submittedAt, leaseGeneration, cancelRequested },
    });
    expect(await registry.queue()).toEqual([seen(first), seen(second)]);
    await registry.claim(first.id, 1);
    expect(await queuedIds()).toEqual([first.id, second.id]);
    await registry.update(first.id, 1, { status: "FINISHED", phase: "ended", exitCode: 0 });
    expect(await queuedIds()).toEqual([second.id]);
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

  test("the log of a job that has ended is noted while it is pending, and only then", async () => {
    const job = await submitted();
    await registry.claim(job.id, 1);
    expect(await registry.noteLog(job.id, { logState: "lost", logReason: "x" })).toBe(false);
    await registry.update(job.id, 1, { status: "FINISHED", phase: "ended", logState: "pending" });
    expect(await registry.noteLog(job.id, { logState: "pending", logReason: "503" })).toBe(true);
    expect(await registry.read(job.id)).toMatchObject({ status: "FINISHED", logReason: "503", log: null });
    const log = { uri: "s3://b/k", bytes: 1, sha256: "00" };
    const delivered = { log, logState: "delivered", logReason: null } as const;
    expect(await registry.noteLog(job.id, delivered)).toBe(true);
    expect(await registry.noteLog(job.id, { logState: "lost", logReason: "x" })).toBe(false);
    expect(await registry.read(job.id)).toMatchObject({ status: "FINISHED", ...delivered });
    expect(await registry.noteLog("job-none", delivered)).toBe(false);
  });

  test("a job that is not there can't be claimed, and is not made by it", async () => {
    expect(await registry.claim("job-none", 1)).toBeNull();
    expect(await registry.update("job-none", 1, { phase: "running" })).toBe(false);
    expect(await registry.read("job-none")).toBeNull();
  });

  test("a queue of more than one page comes whole", async () => {
    const big = "x".repeat(150_000);
    const ids: string[] = [];
    for (let i = 0; i < 9; i += 1) {
      const job = queuedJob(
        `big-${i}`,
        { script: { name: "a.py", content: big } },
        `2027-01-01T00:00:0${i}Z`,
      );
      await createJobSubmissions(table).submit(job);
      ids.push(job.id);
    }
    expect(await queuedIds()).toEqual(expect.arrayContaining(ids));
  });
});

describe("an item that is no job", () => {
  const END = { reason: "its item in the registry can't be read: status", endedAt: "2026-01-01T00:00:00Z" };

  /** Writes what somebody with access to the table might write, into the queue. */
  async function put(change: Record<string, unknown>, sk?: string) {
    const job = queuedJob(`key-${count++}`, {}, "2025-01-01T00:00:00Z");
    const Item = { ...jobRecord(job), ...(sk === undefined ? {} : { sk }), ...change };
    await table.client.send(new PutCommand({ TableName: table.TableName, Item }));
    return { id: job.id, key: sk ?? jobSk(job.id) };
  }
  const entryOf = async (key: string) =>
    (await registry.queue()).find((entry) => isUnreadable(entry) && entry.key === key);

  test.each<[string, Record<string, unknown>]>([
    ["an unknown status", { status: "RUNNING" }],
    ["a status that is a number", { status: 5 }],
    ["a generation that is a text", { leaseGeneration: "1" }],
    ["no generation", { leaseGeneration: undefined }],
    ["another id than its key's", { id: "../../etc" }],
  ])("%s: is told among the others, and set aside as FAILED", async (_name, change) => {
    const good = await submitted();
    const bad = await put(change);
    expect(await entryOf(bad.key)).toMatchObject({ problem: expect.stringMatching(/^\w+: /) });
    expect(await queuedIds()).toContain(good.id);
    expect(await registry.setAside(bad.key, 7, END)).toBe(true);
    expect(await registry.setAside(bad.key, 7, END)).toBe(false);
    expect(await queuedIds()).not.toContain(bad.key);
    expect(await registry.read(bad.id)).toMatchObject({ status: "FAILED", phase: "ended", ...END });
  });

  test("a job whose request has an attribute without a name keeps nobody back", async () => {
    const bad = await put({ request: { command: ["x"], environment: { "": "x" } } });
    const good = await submitted();
    expect(await queuedIds()).toEqual(expect.arrayContaining([bad.id, good.id]));
    // Either it comes, to fail for its request, or it can't be read: both end it.
    const claimed = await registry.claim(bad.id, 7);
    if (claimed === null) throw new Error("it was not claimed");
    const isEnded = isUnreadable(claimed)
      ? await registry.setAside(claimed.key, 7, END)
      : await registry.update(bad.id, 7, { status: "FAILED", phase: "ended", ...END });
    expect(isEnded).toBe(true);
    expect(await queuedIds()).not.toContain(bad.id);
    const shown = await registry.read(bad.id).catch(({ code }: AgentError) => code);
    expect(["job_unreadable", bad.id]).toContain(typeof shown === "string" ? shown : shown?.id);
  });

  test.each<[string, Record<string, unknown>]>([
    ["without a request", { request: undefined }],
    ["of another cluster", { clusterUuid: "../.." }],
  ])("%s is found out when it is claimed", async (_name, change) => {
    const bad = await put(change);
    expect(await registry.claim(bad.id, 7)).toMatchObject({ key: bad.key });
    expect(await registry.setAside(bad.key, 7, END)).toBe(true);
  });

  test("is none where only the table does not answer", async () => {
    const job = await submitted();
    const nowhere = createJobRegistry(openTable("nobody", table.clusterUuid, "us-east-1"));
    await expect(nowhere.claim(job.id, 7)).rejects.toThrow();
    expect(await registry.claim(job.id, 7)).toMatchObject({ id: job.id });
  });

  test("is a newer head's to set aside, and one under another key nobody's", async () => {
    const bad = await put({ status: "RUNNING", leaseGeneration: 9 });
    expect(await registry.setAside(bad.key, 8, END)).toBe(false);
    const strange = await put({}, "NOTE#1");
    expect(await entryOf(strange.key)).toEqual({ key: "NOTE#1", problem: "its key is no job's" });
    expect(await registry.setAside(strange.key, 9, END)).toBe(false);
    const Key = { pk: clusterPk(table.clusterUuid), sk: "NOTE#1" };
    const { Item } = await table.client.send(new GetCommand({ TableName: table.TableName, Key }));
    expect(Item).toMatchObject({ status: "NEW" });
  });
});
