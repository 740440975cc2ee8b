import { describe, expect, test } from "@jest/globals";
import { newJob } from "../../../../agent/contract/job.js";
import {
  type Admission,
  admit,
  jobBefore,
  keyProblem,
  MAX_WAITING_JOBS,
  placesQuery,
  type QueuedPlace,
  refusalOf,
} from "../../../../agent/contract/job-admission.js";
import { because } from "../../../../agent/contract/reasons.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { memoryJobItems, memorySubmissions } from "../../../support/memory-jobs.js";
import { memoryTable } from "../../../support/memory-table.js";

const now = () => new Date("2026-01-01T01:00:00Z");
const jobOf = (key: string, ifBusy: "queue" | "refuse" = "queue", second = 0) =>
  newJob(
    CLUSTER_UUID,
    key,
    { command: ["pi.py"], ifBusy },
    new Date(Date.parse("2026-01-01T00:00:00Z") + second * 1_000),
  );
const place = (id: string, status: QueuedPlace["status"], submittedAt = "2026-01-01T00:00:00.000Z") => ({
  ...{ id, status, submittedAt },
});

test("the queue is read as far as one more than may wait, and no further", () => {
  const query = placesQuery(CLUSTER_UUID);
  expect(query.Limit).toBe(MAX_WAITING_JOBS + 1);
  for (const name of query.ProjectionExpression.split(", "))
    expect(Object.keys(query.ExpressionAttributeNames)).toContain(name);
});

/** A way in, in memory. `lags`: what its queue shows is what it was before. */
function wayIn() {
  const table = memoryTable();
  const items = memoryJobItems(table);
  const woken: string[] = [];
  const port: Admission = {
    ...memorySubmissions(table),
    read: async (id) => items.get(id) ?? null,
    async wake({ id }) {
      // After the put, so that a park sees the job, or this look sees the park.
      expect(items.has(id)).toBe(true);
      woken.push(id);
      return null;
    },
  };
  return { items, port, woken };
}

describe("a job is admitted", () => {
  test("beside others that wait, and where the cluster is free", async () => {
    const { port } = wayIn();
    expect(await admit(jobOf("a"), port, now)).toMatchObject({ is: "new" });
    expect(await admit(jobOf("b"), port, now)).toMatchObject({ is: "new" });
  });

  test("and the cluster is woken for it; also for one whose submitter ended before it could", async () => {
    const { port, items, woken } = wayIn();
    const job = jobOf("a");
    await port.submit(job);
    expect(await admit(job, port, now)).toMatchObject({ is: "known" });
    expect(woken).toEqual([job.id]);
    // A head may have put it as claimed.
    items.set(job.id, { ...job, status: "INPROGRESS" });
    await admit(job, port, now);
    expect(woken).toEqual([job.id, job.id]);
    items.set(job.id, { ...job, status: "FINISHED" });
    await admit(job, port, now);
    expect(woken).toEqual([job.id, job.id]);
  });

  test("and refused where the cluster is parked and stays so", async () => {
    const { port, items } = wayIn();
    const why = because("cluster-stays-parked", "it is parked");
    const job = jobOf("a");
    const admitted = await admit(job, { ...port, wake: async () => why }, now);
    expect(admitted).toEqual({ is: "refused", why, isPut: true });
    expect(items.get(job.id)).toMatchObject({ status: "FAILED", ...why });
  });

  test("once for each key, however often it is asked for, and by several at once", async () => {
    const { port, items } = wayIn();
    const all = await Promise.all(Array.from({ length: 100 }, () => admit(jobOf("a"), port, now)));
    expect(all.filter(({ is }) => is === "new")).toHaveLength(1);
    expect(all.filter(({ is }) => is === "known")).toHaveLength(99);
    expect(items.size).toBe(1);
  });

  test("and found again under its key, also where another job runs by now", async () => {
    const { port, items } = wayIn();
    const job = jobOf("a", "refuse");
    await admit(job, port, now);
    items.set(job.id, { ...job, status: "FINISHED" });
    await admit(jobOf("b"), port, now);
    expect(await admit(job, port, now)).toMatchObject({ is: "known", job: { status: "FINISHED" } });
  });

  test("fails where it was removed while it was put", async () => {
    const { port } = wayIn();
    const racing = { ...port, submit: async () => false };
    expect(await admit(jobOf("a"), racing, now)).toEqual({ is: "gone" });
  });
});

describe("a job that does not wait", () => {
  test.each(["NEW", "INPROGRESS"] as const)(
    "is refused beside one that is %s, and leaves nothing",
    async (status) => {
      const { port, items } = wayIn();
      const first = jobOf("a");
      items.set(first.id, { ...first, status });
      expect(await admit(jobOf("b", "refuse"), port, now)).toEqual({
        is: "refused",
        isPut: false,
        why: {
          reasonCode: "cluster-busy",
          reason: `the cluster has job ${first.id} (${status}), and this one does not wait (ifBusy: refuse)`,
        },
      });
      expect(items.size).toBe(1);
    },
  );

  test("of two at once, the later one is refused, although neither saw the other before", async () => {
    const { port, items } = wayIn();
    const [early, late] = [jobOf("a", "refuse", 0), jobOf("b", "refuse", 1)];
    const results = await Promise.all([early, late].map((job) => admit(job, port, now, [])));
    expect(results).toMatchObject([{ is: "new" }, { is: "refused", isPut: true }]);
    expect(items.get(late.id)).toMatchObject({
      status: "FAILED",
      phase: "ended",
      reasonCode: "cluster-busy",
      endedAt: now().toISOString(),
    });
    expect((await port.queue()).map(({ id }) => id)).toEqual([early.id]);
  });

  test("of two in the same millisecond, one is refused", async () => {
    const { port } = wayIn();
    const results = await Promise.all(["a", "b"].map((key) => admit(jobOf(key, "refuse"), port, now, [])));
    expect(results.map(({ is }) => is).sort()).toEqual(["new", "refused"]);
  });

  test("is admitted where a head has claimed it before it could be refused", async () => {
    const { port } = wayIn();
    await admit(jobOf("a"), port, now);
    const claimed = { ...port, refuse: async () => false };
    expect(await admit(jobOf("b", "refuse", 1), claimed, now, [])).toMatchObject({ is: "new" });
  });

  test.each<[string, QueuedPlace, boolean]>([
    ["itself", place(jobOf("b").id, "NEW"), false],
    ["a later one", place("job-x", "NEW", "2026-01-01T00:00:09.000Z"), false],
    ["a later one that runs", place("job-x", "INPROGRESS", "2026-01-01T00:00:09.000Z"), true],
    ["an earlier one", place("job-x", "NEW", "2025-12-31T00:00:00.000Z"), true],
    ["what was written by hand", place("job-x", "odd" as "NEW", "2025-12-31T00:00:00.000Z"), false],
  ])("behind %s: %j", (_name, other, isBehind) => {
    expect(jobBefore(jobOf("b", "refuse"), [other])).toEqual(isBehind ? other : null);
  });
});

test("a job that does not wait is busied neither by itself nor by what was written by hand", () => {
  const job = jobOf("b", "refuse");
  expect(refusalOf(job, [place(job.id, "NEW"), place("odd", undefined as unknown as "NEW")])).toBeNull();
});

describe("the queue is bounded", () => {
  const waiting = (count: number) => Array.from({ length: count }, (_, n) => place(`job-${n}`, "NEW"));

  test("as many may wait, and no more", () => {
    expect(refusalOf(jobOf("a"), waiting(MAX_WAITING_JOBS - 1))).toBeNull();
    expect(refusalOf(jobOf("a"), waiting(MAX_WAITING_JOBS))).toEqual({
      reasonCode: "queue-full",
      reason: "1000 jobs wait on the cluster, and 1000 may",
    });
  });

  test("what runs does not count, nor what was written by hand", () => {
    const others = [place("job-r", "INPROGRESS"), place("odd", undefined as unknown as "NEW")];
    expect(refusalOf(jobOf("a"), [...waiting(MAX_WAITING_JOBS - 1), ...others])).toBeNull();
  });
});

test.each([
  ["pipeline-7", true],
  ["my definition:", true],
  ["definition:0:1", false],
  ["schedule:0:2026", false],
])("the key %j may be given: %j", (key, isFine) => expect(keyProblem(key) === null).toBe(isFine));
