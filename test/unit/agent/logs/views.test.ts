import { beforeEach, describe, expect, test } from "@jest/globals";
import { type AttemptItem, attemptOf } from "../../../../agent/contract/job-attempt.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { type Follower, followLog } from "../../../../agent/logs/follow.js";
import { createLogViews, type LogViews } from "../../../../agent/logs/views.js";
import { queuedJob } from "../../../support/agent/jobs.js";
import { memoryBucket, memoryOutputs } from "../../../support/agent/memory-logs.js";
import { manualClock } from "../../../support/manual-clock.js";

const JOB = queuedJob();
const OF = { jobId: JOB.id, attempt: 1 };
const LOG = { uri: "s3://logs/k", bytes: 3, sha256: "00", parts: 1 };

let clock: ReturnType<typeof manualClock>;
let kept: ReturnType<typeof memoryOutputs>;
let record: AttemptItem | null;
/** When the registry was read, in seconds. */
let reads: number[];
let views: LogViews;
/** Has what the follower has already. */
const bucket = { ...memoryBucket().bucket, read: async () => ({ bytes: new Uint8Array(), total: 3 }) };
beforeEach(() => {
  clock = manualClock();
  kept = memoryOutputs();
  record = attemptOf({ ...JOB, status: "INPROGRESS", phase: "running", attempt: 1 } satisfies JobItem);
  reads = [];
  views = createLogViews({
    ...{ outputs: kept.outputs, bucket, clock },
    readJob: async () => JOB,
    async readAttempt() {
      reads.push(clock.monotonicMs() / 1_000);
      return record;
    },
  });
});

/** Lets what waits for nothing run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
async function pass(seconds: number): Promise<void> {
  for (let ms = 0; ms < seconds * 1_000; ms += 20) {
    clock.advance(20);
    await settle();
  }
}
const follow = () => {
  const sent: string[] = [];
  const gone = new AbortController();
  const follower: Follower = {
    send: async (bytes) => void sent.push(Buffer.from(bytes).toString()),
    gone: gone.signal,
  };
  return { sent, gone, end: followLog(OF, 0, follower, { views, clock }) };
};

describe("followers", () => {
  test.each([
    ["without output", false],
    ["with output that does not grow", true],
  ])("%s: many cost what one costs, and ever less while nothing changes", async (_name, hasOutput) => {
    if (hasOutput) kept.append(OF, "one");
    const many = Array.from({ length: 30 }, follow);
    await pass(20);
    expect(reads.slice(0, 4).map(Math.floor)).toEqual([0, 1, 3, 6]);
    expect(reads.length).toBeLessThanOrEqual(9);
    for (const { gone } of many) gone.abort();
    await Promise.all(many.map(({ end }) => end));
  });

  test("get output as it comes, however seldom the record is looked at", async () => {
    const one = follow();
    await pass(20);
    const before = reads.length;
    kept.append(OF, "one");
    await pass(0.3);
    expect(one.sent).toEqual(["one"]);
    expect(reads.length - before).toBeLessThanOrEqual(1);
    one.gone.abort();
  });

  test("see the end at once where the output goes from the folder", async () => {
    kept.append(OF, "one");
    const one = follow();
    await pass(20);
    const [last = 0] = reads.slice(-1);
    // Right after a look, when the next one is far.
    await pass(3 - (clock.monotonicMs() / 1_000 - last) + 0.3);
    if (record !== null)
      record = { ...record, status: "FINISHED", exitCode: 0, log: LOG, logState: "delivered" };
    kept.remove(OF);
    await pass(0.6);
    expect(await Promise.race([one.end, settle()])).toMatchObject({ status: "FINISHED", offset: 3 });
  });

  test("hear of a change within 3 s", async () => {
    const one = follow();
    await pass(20);
    if (record !== null) record = { ...record, status: "FAILED", exitCode: 1 };
    await pass(3.3);
    expect(await Promise.race([one.end, settle()])).toMatchObject({ status: "FAILED", exitCode: 1 });
  });
});

test("who asks once gets the record as it is now, where the folder has no output", async () => {
  expect(await views.read(OF, 0, 10)).toBeNull();
  expect(await views.read(OF, 0, 10)).toBeNull();
  expect(reads).toHaveLength(3);
});
