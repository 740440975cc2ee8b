import { describe, expect, test } from "@jest/globals";
import { MAX_WAITING_JOBS } from "../../../../agent/contract/job-admission.js";
import { jobOf, slotKey } from "../../../../agent/contract/job-definition.js";
import type { JobSchedule } from "../../../../agent/contract/job-schedule.js";
import { LEGAL_WRITES } from "../../../../agent/contract/writes/index.js";
import { scheduled, scheduleWorld } from "../../../support/agent/schedule-world.js";

const MIDNIGHT = "2026-06-01T00:00:00.000Z";
const MINUTELY: JobSchedule = { cron: "* * * * *" };

/** A world at midnight with a definition that was just written, and its head, which has looked once. */
async function withSchedule(schedule: JobSchedule, now = MIDNIGHT) {
  const world = scheduleWorld(now);
  world.definitions.set("nightly", scheduled(schedule, now));
  const head = world.head(1);
  await head.look();
  return { world, head };
}

describe("a slot", () => {
  test("submits a job of the definition, once, with the slot and who submitted it", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    expect(world.jobs()).toEqual([]);
    await world.until(head, "2026-06-01T00:01:59Z");
    const slot = "2026-06-01T00:01:00.000Z";
    const [job, ...more] = world.jobs();
    expect(more).toEqual([]);
    expect(job).toMatchObject({
      slot,
      submittedBy: "schedule:nightly",
      submittedAt: slot,
      idempotencyKey: `definition:d-1:slot:${slot}`,
      definition: { id: "d-1", name: "nightly", revision: 1 },
      request: { command: ["pi.py"] },
      status: "NEW",
    });
    expect(world.schedule()).toMatchObject({
      scheduledThrough: slot,
      lastSlot: slot,
      lastJobId: job?.id,
      missedCount: 0,
    });
    expect(world.submitted).toBe(1);
    // Where the cluster began to park meanwhile, it is resumed.
    expect(world.woken).toEqual([job?.id]);
  });

  test("is known before it is due: a cluster does not park just before it", async () => {
    const world = scheduleWorld(MIDNIGHT);
    const head = world.head(1);
    expect(head.nextSlot()).toBe("unknown");
    await head.look();
    expect(head.nextSlot()).toBeNull();
    for (const [name, cron] of [
      ["later", "0 5 * * *"],
      ["sooner", "0 3 * * *"],
    ] as const)
      world.definitions.set(name, { ...scheduled({ cron }, MIDNIGHT), name, id: name });
    world.advance(10);
    await head.look();
    expect(head.nextSlot()).toEqual(new Date("2026-06-01T03:00:00Z"));
    world.generation = 2;
    expect(head.nextSlot()).toBe("unknown");
  });

  // node-cron/node-cron#534: a late timer missed the exact second.
  test("runs once when the look comes 3 s late, and its moment is the slot's", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    world.set("2026-06-01T00:01:03Z");
    await head.look();
    await head.look();
    expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    expect(world.jobs()[0]?.submittedAt).toBe("2026-06-01T00:01:03.000Z");
  });

  // medusajs/medusa#16281: a delay over 2^31-1 ms became 1 ms.
  test("of a yearly schedule comes once a year", async () => {
    const { world, head } = await withSchedule({ cron: "0 0 1 1 *", startingDeadlineSeconds: 86_400 });
    await world.until(head, "2028-06-01T00:00:00Z", 40_000);
    expect(world.slots()).toEqual(["2027-01-01T00:00:00.000Z"]);
    await world.endAll();
    await world.until(head, "2029-01-02T00:00:00Z", 40_000);
    expect(world.slots().at(-1)).toBe("2029-01-01T00:00:00.000Z");
    expect(world.schedule().missed).toMatchObject([{ first: "2028-01-01T00:00:00.000Z", count: 1 }]);
  });

  test("at a moment months away comes once, and the schedule rests then", async () => {
    const { world, head } = await withSchedule({ at: "2026-12-24T18:00:00Z" });
    await world.until(head, "2026-12-24T17:00:00Z", 3_600);
    expect(world.jobs()).toEqual([]);
    await world.until(head, "2026-12-24T18:00:02Z");
    await world.endAll();
    await world.until(head, "2027-06-01T00:00:00Z", 7_200);
    expect(world.slots()).toEqual(["2026-12-24T18:00:00.000Z"]);
  });

  // systemd/systemd#8647: a minutely timer was silent in the repeated autumn hour.
  test("of a minutely schedule comes in both hours of an autumn night, and a daily one once", async () => {
    const { world, head } = await withSchedule(
      { cron: "* * * * *", timeZone: "Europe/Berlin", ifRunning: "skip" },
      "2026-10-24T23:59:00.000Z",
    );
    world.definitions.set(
      "daily",
      scheduled({ cron: "30 2 * * *", timeZone: "Europe/Berlin" }, "2026-10-24T00:00:00Z", {
        id: "d-2",
        name: "daily",
      }),
    );
    for (let minute = 0; minute < 180; minute += 1) {
      world.advance(60);
      await head.look();
      await world.endAll();
    }
    const of = (name: string) => world.jobs().filter(({ definition }) => definition?.name === name);
    expect(of("nightly")).toHaveLength(180);
    expect(of("daily").map(({ slot }) => slot)).toEqual(["2026-10-25T00:30:00.000Z"]);
  });

  test("costs no call while none is due, but a read of the definitions every 10 s", async () => {
    const { world, head } = await withSchedule({ cron: "0 12 * * *" });
    world.calls.length = 0;
    await world.until(head, "2026-06-01T00:01:40Z");
    expect(new Set(world.calls)).toEqual(new Set(["definitions"]));
    expect(world.calls).toHaveLength(10);
  });
});

describe("a slot that is replayed", () => {
  // apache/airflow#13099: a restarted scheduler died on a duplicate key.
  test("by a head that does not know of its job is no second job, and the loop lives", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    const slot = new Date("2026-06-01T00:01:00Z");
    const definition = scheduled(MINUTELY, MIDNIGHT);
    const origin = { slot: slot.toISOString() };
    world.table.perform(LEGAL_WRITES.job.submit(jobOf(definition, slot, slotKey(definition, slot), origin)));
    await world.until(head, "2026-06-01T00:01:05Z");
    expect(world.jobs()).toHaveLength(1);
    expect(world.schedule()).toMatchObject({ lastSlot: slot.toISOString(), lastJobId: world.jobs()[0]?.id });
    await world.endAll();
    await world.until(head, "2026-06-01T00:02:05Z");
    expect(world.slots().at(-1)).toBe("2026-06-01T00:02:00.000Z");
    expect(world.jobs()).toHaveLength(2);
  });

  test("after a restart of the same head is no second job", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    await world.until(head, "2026-06-01T00:01:00Z");
    for (const _restart of [1, 2, 3]) await world.head(1).look();
    expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    expect(world.schedule().missedCount).toBe(0);
  });

  test("because its schedule's item is lost is no second job", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    await world.until(head, "2026-06-01T00:01:10Z");
    await world.endAll();
    world.schedules.delete("nightly");
    world.generation = 2;
    await world.head(2).look();
    expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    expect(world.schedule()).toMatchObject({
      scheduledThrough: "2026-06-01T00:01:00.000Z",
      leaseGeneration: 2,
    });
  });
});

// hashicorp/nomad#11052: a leader change force-ran periodic jobs despite an overlap ban.
describe("a change of head in the middle of a slot", () => {
  test("makes one job of two heads that look at once, whichever is first", async () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const { world } = await withSchedule(MINUTELY);
      world.generation = 2;
      world.advance(60);
      // The old head does not know yet that it is none any more.
      const heads = order.map((generation) => world.head(generation, false));
      await Promise.all(heads.map((head) => head.look()));
      for (const head of heads) await head.look();
      expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    }
  });

  test("keeps the old head from submitting what the new one has decided not to run", async () => {
    const { world, head } = await withSchedule({ ...MINUTELY, ifRunning: "skip" });
    await world.until(head, "2026-06-01T00:01:00Z");
    const [first] = world.jobs();
    await world.run(first?.id ?? "");
    // The old head has seen that the job has ended, and stops just before its write; the new one decides meanwhile.
    const old = world.head(1, false);
    await old.look();
    world.set("2026-06-01T00:02:00Z");
    let isHeld = false;
    world.beforeWrite = async () => {
      if (isHeld) return;
      isHeld = true;
      world.generation = 2;
      await world.head(2).look();
    };
    await world.end(first?.id ?? "");
    const again = jobOf(scheduled(MINUTELY, MIDNIGHT), new Date(world.nowMs), "by-hand");
    const before = world.beforeWrite;
    world.beforeWrite = async () => {
      // Another job of the definition is there by now.
      if (!isHeld) world.table.perform(LEGAL_WRITES.job.submit(again));
      await before();
    };
    await old.look();
    await old.look();
    expect(world.slots().filter((slot) => slot !== null)).toEqual(["2026-06-01T00:01:00.000Z"]);
    expect(world.schedule()).toMatchObject({
      leaseGeneration: 2,
      missed: [
        { reasonCode: "schedule-skipped-running", first: "2026-06-01T00:02:00.000Z", jobId: again.id },
      ],
    });
  });

  test("runs the slot of the time without a head once, late, within the deadline", async () => {
    const { world } = await withSchedule({ cron: "0 1 * * *", startingDeadlineSeconds: 600 });
    world.generation = 2;
    world.set("2026-06-01T01:09:00Z");
    const head = world.head(2);
    await head.look();
    await head.look();
    expect(world.slots()).toEqual(["2026-06-01T01:00:00.000Z"]);
    expect(world.schedule()).toMatchObject({ leaseGeneration: 2, missedCount: 0 });
  });

  test("lets a head that has lost its lease submit nothing", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    world.generation = 2;
    world.advance(60);
    await head.look();
    expect(world.jobs()).toEqual([]);
  });
});

describe("slots that are missed", () => {
  // kubernetes/kubernetes#42649: nightly shut-downs passed 100 missed starts, then refused for ever.
  test("of a minutely schedule after 30 days parked are one record, and the latest one runs", async () => {
    const { world } = await withSchedule({ ...MINUTELY, startingDeadlineSeconds: 120 });
    world.generation = 2;
    world.set("2026-07-01T00:00:30Z");
    const head = world.head(2);
    await head.look();
    expect(world.slots()).toEqual(["2026-07-01T00:00:00.000Z"]);
    expect(world.schedule()).toMatchObject({
      missedCount: 43_199,
      missed: [
        {
          ...{ reasonCode: "schedule-missed-deadline", count: 43_198, jobId: null },
          ...{ first: "2026-06-01T00:01:00.000Z", last: "2026-06-30T23:58:00.000Z" },
          reason: "no head could submit it within 120 s",
        },
        { reasonCode: "schedule-superseded", count: 1, first: "2026-06-30T23:59:00.000Z" },
      ],
    });
    await world.endAll();
    await world.until(head, "2026-07-01T00:01:00Z");
    expect(world.slots().at(-1)).toBe("2026-07-01T00:01:00.000Z");
  });

  test("past the deadline run no more, and are recorded with the reason", async () => {
    const { world } = await withSchedule({ cron: "0 1 * * *", startingDeadlineSeconds: 600 });
    world.set("2026-06-01T01:10:01Z");
    const head = world.head(1);
    await head.look();
    await head.look();
    expect(world.jobs()).toEqual([]);
    expect(world.schedule()).toMatchObject({
      scheduledThrough: "2026-06-01T01:00:00.000Z",
      missedCount: 1,
      missed: [{ reasonCode: "schedule-missed-deadline", first: "2026-06-01T01:00:00.000Z", count: 1 }],
    });
  });

  test("while the registry does not answer run once when it does, within the deadline", async () => {
    const { world, head } = await withSchedule({ cron: "*/5 * * * *" });
    world.set("2026-06-01T00:05:00Z");
    world.isRegistryDown = true;
    for (let second = 0; second < 40; second += 1) {
      await expect(head.look()).rejects.toThrow("the table is throttled");
      world.advance(1);
    }
    world.isRegistryDown = false;
    await head.look();
    await head.look();
    expect(world.slots()).toEqual(["2026-06-01T00:05:00.000Z"]);
    expect(world.schedule().missedCount).toBe(0);
  });

  test("are kept in bounds: the newest 20 records, and how many there were", async () => {
    const { world, head } = await withSchedule({ cron: "*/2 * * * *", ifRunning: "skip" });
    for (let hour = 0; hour < 30; hour += 1) {
      await world.until(head, new Date(world.nowMs + 240_000).toISOString(), 30);
      // Another job is in the way each time.
      await world.endAll();
      const job = jobOf(scheduled(MINUTELY, MIDNIGHT), new Date(world.nowMs), `by-hand-${hour}`);
      world.table.perform(LEGAL_WRITES.job.submit(job));
    }
    const { missed, missedCount } = world.schedule();
    expect(missed).toHaveLength(20);
    expect(missedCount).toBeGreaterThan(50);
    expect(missedCount).toBe(60 - world.slots().filter((slot) => slot !== null).length);
  });

  test("count no further back than a year", async () => {
    const { world } = await withSchedule({ cron: "0 0 * * *", startingDeadlineSeconds: 1 });
    world.set("2036-06-01T12:00:00Z");
    await world.head(1).look();
    expect(world.schedule()).toMatchObject({
      missedCount: 366,
      scheduledThrough: "2036-06-01T00:00:00.000Z",
    });
  });
});

describe("an edit", () => {
  // kubernetes/kubernetes#63371: an edited schedule fired past slots.
  test.each<[string, JobSchedule, string]>([
    ["the expression", { cron: "0 6 * * *" }, "2026-06-02T06:00:00.000Z"],
    ["the zone", { cron: "0 13 * * *", timeZone: "Asia/Tokyo" }, "2026-06-02T04:00:00.000Z"],
    ["cron to at", { at: "2026-06-03T00:00:00Z" }, "2026-06-03T00:00:00.000Z"],
  ])("of %s runs nothing before the next future slot", async (_name, edited, next) => {
    const { world, head } = await withSchedule({ cron: "0 13 * * *" });
    await world.until(head, "2026-06-01T12:00:00Z", 900);
    world.definitions.set("nightly", scheduled(edited, "2026-06-01T12:00:00.000Z"));
    await world.until(head, new Date(Date.parse(next) - 60_000).toISOString(), 300);
    expect(world.jobs()).toEqual([]);
    await world.until(head, next, 10);
    expect(world.slots()).toEqual([next]);
    expect(world.schedule().missedCount).toBe(0);
  });

  test("to a moment of the past runs nothing, ever", async () => {
    const { world, head } = await withSchedule({ cron: "0 13 * * *" });
    world.set("2026-06-01T12:00:00Z");
    world.definitions.set("nightly", scheduled({ at: "2026-06-01T11:59:59Z" }, "2026-06-01T12:00:00.000Z"));
    await world.until(head, "2026-06-03T00:00:00Z", 600);
    expect(world.jobs()).toEqual([]);
  });

  test("by a machine whose clock is an hour behind runs no slot of that hour", async () => {
    const { world, head } = await withSchedule({ cron: "0 23 * * *" });
    await world.until(head, "2026-06-01T11:59:00Z", 900);
    await world.until(head, "2026-06-01T12:00:00Z", 10);
    world.definitions.set("nightly", scheduled({ cron: "30 11 * * *" }, "2026-06-01T11:00:00.000Z"));
    await world.until(head, "2026-06-02T11:29:00Z", 300);
    expect(world.jobs()).toEqual([]);
  });

  test("just before its own slot is not too late for it, although it is seen after it", async () => {
    const { world, head } = await withSchedule({ cron: "0 23 * * *" });
    await world.until(head, "2026-06-01T12:00:00Z", 900);
    await world.until(head, "2026-06-01T12:00:55Z", 5);
    world.definitions.set("nightly", scheduled({ cron: "1 12 * * *" }, "2026-06-01T12:00:56.000Z"));
    await world.until(head, "2026-06-01T12:01:10Z");
    expect(world.slots()).toEqual(["2026-06-01T12:01:00.000Z"]);
  });

  test("that the list does not show yet keeps the old schedule from running", async () => {
    const { world, head } = await withSchedule({ cron: "0 1 * * *" });
    await world.until(head, "2026-06-01T00:59:59Z", 20);
    world.definitions.set("nightly", scheduled({ cron: "0 5 * * *" }, "2026-06-01T00:59:59.000Z"));
    await world.until(head, "2026-06-01T01:00:02Z");
    expect(world.jobs()).toEqual([]);
    expect(world.schedule().timing).toEqual({ cron: "0 5 * * *", timeZone: "UTC" });
  });

  test("of what is run, or of the policy, moves no slot, and the job is the definition's as it is", async () => {
    const { world, head } = await withSchedule({ cron: "0 1 * * *" });
    const request = { command: ["e.py"] };
    const edited = scheduled({ cron: "0 1 * * *", ifRunning: "queue" }, "2026-06-01T00:59:59.000Z", {
      request,
      revision: 2,
    });
    world.definitions.set("nightly", edited);
    await world.until(head, "2026-06-01T01:00:00Z", 10);
    expect(world.jobs()).toMatchObject([
      { request, definition: { revision: 2 }, slot: "2026-06-01T01:00:00.000Z" },
    ]);
  });

  test("to a schedule that can't be followed is said, and its correction heard", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    const wrong = { cron: "0 0 31 2 *", ifRunning: "never" } as unknown as JobSchedule;
    world.definitions.set("nightly", scheduled(wrong, "2026-06-01T00:00:05.000Z"));
    await world.until(head, "2026-06-01T00:05:00Z");
    expect(world.jobs()).toEqual([]);
    expect(world.schedule()).toMatchObject({
      reasonCode: "schedule-invalid",
      reason: expect.stringMatching(
        /^the schedule can't be followed: cron: got "0 0 31 2 \*"; .*; ifRunning: got "never"/,
      ),
    });
    world.definitions.set("nightly", scheduled(MINUTELY, "2026-06-01T00:05:01.000Z"));
    await world.until(head, "2026-06-01T00:06:01Z");
    expect(world.slots()).toEqual(["2026-06-01T00:06:00.000Z"]);
  });

  test.each([
    ["its schedule is taken away", undefined],
    ["it is deleted", null],
  ])("after which %s leaves no later slot, and the jobs that are there go on", async (_name, schedule) => {
    const { world, head } = await withSchedule(MINUTELY);
    await world.until(head, "2026-06-01T00:01:00Z");
    if (schedule === null) world.definitions.delete("nightly");
    else world.definitions.set("nightly", scheduled(schedule, "2026-06-01T00:01:30.000Z"));
    await world.until(head, "2026-06-01T00:10:00Z");
    expect(world.jobs()).toMatchObject([{ slot: "2026-06-01T00:01:00.000Z", status: "NEW" }]);
    expect(world.schedules.size).toBe(0);
  });

  test("that makes another definition of the name begins anew", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    await world.until(head, "2026-06-01T00:01:00Z");
    world.set("2026-06-01T00:01:20Z");
    world.definitions.set("nightly", scheduled(MINUTELY, "2026-06-01T00:01:20.000Z", { id: "d-2" }));
    await world.until(head, "2026-06-01T00:02:00Z");
    expect(world.jobs().map(({ definition, slot }) => [definition?.id, slot])).toEqual([
      ["d-1", "2026-06-01T00:01:00.000Z"],
      ["d-2", "2026-06-01T00:02:00.000Z"],
    ]);
  });
});

describe("a slot while another job of the definition has not ended", () => {
  const first = (world: ReturnType<typeof scheduleWorld>) => world.jobs()[0]?.id ?? "";

  // hashicorp/nomad#14505: a job revived after a crash escaped the overlap check.
  test("is skipped by default, also by a head that has only found the job there", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    await world.until(head, "2026-06-01T00:01:00Z");
    await world.run(first(world));
    world.generation = 2;
    const next = world.head(2);
    await world.until(next, "2026-06-01T00:04:00Z");
    expect(world.slots()).toEqual(["2026-06-01T00:01:00.000Z"]);
    expect(world.schedule()).toMatchObject({
      missedCount: 3,
      missed: [
        {
          ...{ reasonCode: "schedule-skipped-running", jobId: first(world), count: 3 },
          ...{ first: "2026-06-01T00:02:00.000Z", last: "2026-06-01T00:04:00.000Z" },
          reason: `job ${first(world)} still runs, and ifRunning is skip`,
        },
      ],
    });
    await world.endAll();
    await world.until(next, "2026-06-01T00:05:00Z");
    expect(world.slots().at(-1)).toBe("2026-06-01T00:05:00.000Z");
  });

  test("is skipped also for one that a person submitted, and for one that waits; not for another definition's", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    const byHand = jobOf(scheduled(MINUTELY, MIDNIGHT), new Date(world.nowMs), "by-hand");
    const other = jobOf(scheduled(MINUTELY, MIDNIGHT, { id: "d-9" }), new Date(world.nowMs), "other");
    for (const job of [byHand, other]) world.table.perform(LEGAL_WRITES.job.submit(job));
    await world.until(head, "2026-06-01T00:01:00Z");
    expect(world.schedule().missed).toMatchObject([
      { jobId: byHand.id, reason: expect.stringContaining("still waits") },
    ]);
    await world.end(byHand.id);
    await world.until(head, "2026-06-01T00:02:00Z");
    expect(world.slots().filter(Boolean)).toEqual(["2026-06-01T00:02:00.000Z"]);
  });

  test("queues one job with `queue`, and no second one", async () => {
    const { world, head } = await withSchedule({ ...MINUTELY, ifRunning: "queue" });
    await world.until(head, "2026-06-01T00:01:00Z");
    await world.run(first(world));
    await world.until(head, "2026-06-01T00:04:00Z");
    expect(world.jobs().map(({ slot, status }) => [slot, status])).toEqual([
      ["2026-06-01T00:01:00.000Z", "INPROGRESS"],
      ["2026-06-01T00:02:00.000Z", "NEW"],
    ]);
    expect(world.schedule().missed).toMatchObject([
      { reasonCode: "schedule-skipped-waiting", count: 2, jobId: world.jobs()[1]?.id },
    ]);
  });

  test("cancels it with `replace`, with a reason of its own, and submits the new one", async () => {
    const { world, head } = await withSchedule({ ...MINUTELY, ifRunning: "replace" });
    await world.until(head, "2026-06-01T00:01:00Z");
    await world.run(first(world));
    await world.until(head, "2026-06-01T00:03:00Z");
    const why = (slot: string) => ({
      reasonCode: "replaced-by-schedule",
      reason: `replaced by the slot 2026-06-01T00:${slot}:00.000Z of nightly`,
    });
    expect(world.jobs()).toMatchObject([
      // The newest word is as good as the first: it still runs.
      { status: "INPROGRESS", cancelRequested: true, cancelBecause: why("03") },
      { status: "CANCELLED", ...why("03") },
      { status: "NEW", slot: "2026-06-01T00:03:00.000Z" },
    ]);
    expect(world.schedule().missedCount).toBe(0);
  });
});

describe("a slot while as many jobs wait on the cluster as may", () => {
  /** The others' jobs that wait. */
  const fill = (world: ReturnType<typeof scheduleWorld>, count: number) => {
    const other = scheduled(MINUTELY, MIDNIGHT, { id: "d-9" });
    for (let index = 0; index < count; index += 1)
      world.table.perform(LEGAL_WRITES.job.submit(jobOf(other, new Date(world.nowMs), `other-${index}`)));
  };
  const FULL = { reasonCode: "schedule-skipped-queue-full", jobId: null };

  test.each(["skip", "queue", "replace"] as const)(
    "has no job with `%s`, and the next has one",
    async (ifRunning) => {
      const { world, head } = await withSchedule({ ...MINUTELY, ifRunning });
      fill(world, MAX_WAITING_JOBS);
      await world.until(head, "2026-06-01T00:02:00Z");
      expect(world.slots().filter(Boolean)).toEqual([]);
      expect(world.schedule().missed).toMatchObject([
        { ...FULL, count: 2, reason: "1000 jobs wait on the cluster, and no more may" },
      ]);
      await world.run(world.jobs()[0]?.id ?? "");
      await world.until(head, "2026-06-01T00:03:00Z");
      expect(world.slots().filter(Boolean)).toEqual(["2026-06-01T00:03:00.000Z"]);
    },
  );

  test("has one in the place of a job that it replaces", async () => {
    const { world, head } = await withSchedule({ ...MINUTELY, ifRunning: "replace" });
    await world.until(head, "2026-06-01T00:01:00Z");
    fill(world, MAX_WAITING_JOBS - 1);
    await world.until(head, "2026-06-01T00:02:00Z");
    const own = world.jobs().filter(({ slot }) => slot !== null);
    expect(own.map(({ status }) => status)).toEqual(["CANCELLED", "NEW"]);
    expect(world.schedule().missedCount).toBe(0);
  });
});

describe("a cluster", () => {
  test.each([
    ["is being removed", { clusterStatus: "REMOVING", phase: "removing" }],
    ["loses its fleet", { clusterStatus: "INPROGRESS", phase: "draining" }],
    ["has lost its fleet", { clusterStatus: "PARKED", phase: "no-nodes" }],
  ] as const)("that %s gets no job; if it comes back in time, the slot runs", async (_name, change) => {
    const { world, head } = await withSchedule({ cron: "0 1 * * *" });
    const ready = world.cluster.get("");
    if (ready === undefined) throw new Error("no cluster");
    world.cluster.set("", { ...ready, ...change });
    await world.until(head, "2026-06-01T01:30:00Z", 30);
    expect(world.jobs()).toEqual([]);
    expect(world.schedule().missedCount).toBe(0);
    world.cluster.set("", ready);
    await world.until(head, "2026-06-01T01:30:01Z");
    expect(world.slots()).toEqual(["2026-06-01T01:00:00.000Z"]);
  });

  test("that is gone gets no job", async () => {
    const { world, head } = await withSchedule(MINUTELY);
    world.cluster.clear();
    await world.until(head, "2026-06-01T00:05:00Z");
    expect(world.jobs()).toEqual([]);
  });
});

test("a schedule that can't be decided keeps no other one from its slots", async () => {
  const { world, head } = await withSchedule(MINUTELY);
  // An earlier slot, so that it is the first to be decided.
  world.definitions.set("broken", scheduled(MINUTELY, "2026-05-31T23:00:00Z", { id: "d-2", name: "broken" }));
  world.failing = "broken";
  await world.until(head, "2026-06-01T00:00:30Z").catch(() => undefined);
  world.set("2026-06-01T00:01:00Z");
  await expect(head.look()).rejects.toThrow("the item can't be decoded");
  expect(world.jobs().map(({ definition }) => definition?.name)).toEqual(["nightly"]);
  world.failing = null;
  await head.look();
  expect(world.jobs()).toHaveLength(2);
});
