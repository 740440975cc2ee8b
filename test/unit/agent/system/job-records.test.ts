import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createJobRecords } from "../../../../agent/system/job-records.js";
import { temporaryFolder } from "../../../support/agent/job-user.js";

let root: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  root = await temporaryFolder();
});
afterEach(() => root.remove());

const of = { jobId: "job-1", attempt: 1 };
const begin = async (records: ReturnType<typeof createJobRecords>) => (await records.begin(of)).close();

describe("an attempt of which two agents each believe that they may start it", () => {
  test("is started by the one that begins first; the other finds that it has begun", async () => {
    const [first, second] = [createJobRecords(root.path), createJobRecords(root.path)];
    await begin(first);
    expect(await second.forestall(of)).toBe(false);
    await expect(begin(second)).rejects.toThrow("another agent has taken attempt 1 of job-1");
  });

  test("is never started by the first once the second has forestalled it, and is by the second", async () => {
    const [first, second] = [createJobRecords(root.path), createJobRecords(root.path)];
    expect(await second.forestall(of)).toBe(true);
    await expect(begin(first)).rejects.toThrow("another agent has taken attempt 1 of job-1");
    expect(await second.forestall(of)).toBe(true);
    await begin(second);
    expect(await second.forestall(of)).toBe(false);
  });

  test("is begun by one of them where they do it at once", async () => {
    const agents = Array.from({ length: 10 }, () => createJobRecords(root.path));
    const done = await Promise.allSettled(agents.map(begin));
    expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("is not known to the agent that comes after the one which forestalled it: it may have begun", async () => {
    await createJobRecords(root.path).forestall(of);
    expect(await createJobRecords(root.path).forestall(of)).toBe(false);
  });
});

test("an attempt that could not be started is begun again with empty records", async () => {
  const records = createJobRecords(root.path);
  const first = await records.begin(of);
  await writeFile(first.output, "of the first\n");
  await first.close();
  await begin(records);
  expect(await records.outputEnd(of, 100)).toEqual({ bytes: Buffer.alloc(0), isWhole: true });
});

test("the next attempt of a job is not in the way of the last one's log", async () => {
  const records = createJobRecords(root.path);
  await begin(records);
  await (await records.begin({ ...of, attempt: 2 })).close();
  expect(await records.ids()).toHaveLength(2);
  await records.remove(of);
  expect(await records.ids()).toEqual([{ ...of, attempt: 2 }]);
});
