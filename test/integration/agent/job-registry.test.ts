import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createJobRegistry } from "../../../agent/aws/job-registry.js";
import { createJobSubmissions } from "../../../agent/aws/job-submissions.js";
import { type ClusterTable, openTable } from "../../../agent/aws/table.js";
import { attemptOf } from "../../../agent/contract/job-attempt.js";
import { because } from "../../../agent/contract/reasons.js";
import { attemptSk, clusterPk, jobSk } from "../../../agent/contract/registry.js";
import type { AgentError } from "../../../agent/errors.js";
import { isUnreadable, type JobRegistry } from "../../../agent/jobs/ports.js";
import { jobRecord, queuedJob } from "../../support/agent/jobs.js";
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

test("a queue of more than one page comes whole", async () => {
  const big = "x".repeat(150_000);
  const ids: string[] = [];
  for (let i = 0; i < 9; i += 1) {
    const job = queuedJob(`big-${i}`, { script: { name: "a.py", content: big } }, `2027-01-01T00:00:0${i}Z`);
    await createJobSubmissions(table).submit(job);
    ids.push(job.id);
  }
  expect(await queuedIds()).toEqual(expect.arrayContaining(ids));
});

describe("an item that is no job", () => {
  const END = {
    ...because("job-item-unreadable", "its item in the registry can't be read: status"),
    endedAt: "2026-01-01T00:00:00Z",
  };

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
    expect(["job-unreadable", bad.id]).toContain(typeof shown === "string" ? shown : shown?.id);
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

  test.each<[string, Record<string, unknown>]>([
    ["without its facts", { status: "FAILED" }],
    ["with an attribute without a name", { status: "FAILED", lastLines: { "": "x" } }],
    ["with a generation that is a text", { status: "INPROGRESS", leaseGeneration: "9" }],
  ])("an attempt's record %s is none, and keeps no job from its end", async (_name, item) => {
    const job = await submitted();
    const Item = { ...item, pk: clusterPk(table.clusterUuid), sk: attemptSk(job.id, 1) };
    await table.client.send(new PutCommand({ TableName: table.TableName, Item }));
    const record = attemptOf({ ...job, attempt: 1, leaseGeneration: 1 });
    if (record === null) throw new Error("it has no attempt");
    expect(await registry.recordAttempt(record)).toBeNull();
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
