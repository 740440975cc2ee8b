import { describe, expect, test } from "@jest/globals";
import { jobOf, slotKey } from "../../../agent/contract/job-definition.js";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import { because } from "../../../agent/contract/reasons.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import type { ScheduleRegistry } from "../../../agent/schedules/ports.js";

/** The schedules' port, and how the suite puts definitions into it and plays the head that runs jobs. */
export interface ScheduleRegistryUnderTest {
  readonly clusterUuid: string;
  readonly registry: ScheduleRegistry;
  define(definition: JobDefinitionItem): Promise<unknown>;
  claim(job: JobItem): Promise<unknown>;
  finish(job: JobItem): Promise<unknown>;
  readJob(job: JobItem): Promise<JobItem | null>;
  /** What the commands see of the schedules. */
  shown(): Promise<readonly ScheduleItem[]>;
}

const SLOT = new Date("2026-01-02T00:00:00.000Z");
const WHY = because("replaced-by-schedule", "replaced");

/** What every keeper of schedules does. `make` gives one of a cluster without items. */
export function describeScheduleRegistry(make: () => ScheduleRegistryUnderTest): void {
  const definitionOf = (
    { clusterUuid }: ScheduleRegistryUnderTest,
    change: Partial<JobDefinitionItem> = {},
  ): JobDefinitionItem => ({
    ...{ id: "d-1", clusterUuid, name: "nightly", revision: 1, run: "manual", triggers: {} },
    request: { command: ["pi.py"] },
    schedule: { cron: "0 0 * * *" },
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...change,
  });
  const scheduleOf = (
    { clusterUuid }: ScheduleRegistryUnderTest,
    change: Partial<ScheduleItem> = {},
  ): ScheduleItem => ({
    ...{ clusterUuid, name: "nightly", definitionId: "d-1", leaseGeneration: 2 },
    timing: { cron: "0 0 * * *", timeZone: "UTC" },
    ...{ reasonCode: null, reason: null, lastSlot: null, lastJobId: null, missedCount: 0, missed: [] },
    scheduledThrough: "2026-01-01T00:00:00.000Z",
    ...change,
  });
  const slotJob = (definition: JobDefinitionItem, slot = SLOT) =>
    jobOf(definition, slot, slotKey(definition, slot), { slot: slot.toISOString() });
  const decided = (jobId: string | null) => ({
    ...{ scheduledThrough: SLOT.toISOString(), lastSlot: SLOT.toISOString(), lastJobId: jobId },
    ...{ missedCount: 0, missed: [] },
  });

  describe("a keeper of schedules", () => {
    test("gives the definitions that have a schedule", async () => {
      const port = make();
      const { schedule: _, ...unscheduled } = definitionOf(port, { id: "d-2", name: "by-hand" });
      await port.define(definitionOf(port));
      await port.define(unscheduled);
      const { id, name, schedule, updatedAt, clusterUuid } = definitionOf(port);
      expect(await port.registry.definitions()).toEqual([
        expect.objectContaining({ id, name, schedule, updatedAt, clusterUuid }),
      ]);
      expect(await port.registry.definition("nightly")).toMatchObject(definitionOf(port));
      expect(await port.registry.definition("none")).toBeNull();
    });

    test("is the newest head's: an older one neither begins, decides, submits nor forgets", async () => {
      const port = make();
      const { registry } = port;
      const job = slotJob(definitionOf(port));
      const newer = scheduleOf(port, { leaseGeneration: 3 });
      expect(await registry.begin(newer)).toBe(true);
      expect(await registry.begin(scheduleOf(port))).toBe(false);
      expect(await registry.advance(newer, 2, decided(null))).toBe(false);
      expect(await registry.submit(job, newer, 2, decided(job.id))).toBe(false);
      expect(await registry.forget(newer, 2)).toBe(false);
      expect(await registry.schedules()).toEqual([newer]);
      expect(await registry.hasJob(job.id)).toBe(false);
      expect(await registry.forget(newer, 3)).toBe(true);
      expect(await registry.forget(newer, 3)).toBe(true);
      expect(await registry.schedules()).toEqual([]);
    });

    test("decides a slot once: from where the schedule was read, and of that definition", async () => {
      const port = make();
      const { registry } = port;
      const before = scheduleOf(port);
      await registry.begin(before);
      expect(await registry.advance({ ...before, definitionId: "d-0" }, 2, decided(null))).toBe(false);
      expect(await registry.advance(before, 3, decided(null))).toBe(true);
      expect(await registry.advance(before, 3, decided(null))).toBe(false);
      const now = { ...before, ...decided(null), leaseGeneration: 3 };
      expect(await registry.schedules()).toEqual([now]);
      expect(await port.shown()).toEqual([now]);
    });

    test("submits a slot's job and moves on in one write, of all that are tried at once one", async () => {
      const port = make();
      const { registry } = port;
      const job = slotJob(definitionOf(port));
      const before = scheduleOf(port);
      await registry.begin(before);
      const tries = Array.from({ length: 4 }, () => registry.submit(job, before, 2, decided(job.id)));
      const settled = await Promise.allSettled(tries);
      // A transaction that meets another one may fail, and is tried again by the next look.
      const isWritten = settled.map((one) => one.status === "fulfilled" && one.value);
      expect(isWritten.filter(Boolean)).toHaveLength(1);
      expect(await port.readJob(job)).toEqual(job);
      expect(await registry.hasJob(job.id)).toBe(true);
      expect(await registry.schedules()).toMatchObject([decided(job.id)]);
    });

    test("moves no schedule where the slot has a job already", async () => {
      const port = make();
      const { registry } = port;
      const job = slotJob(definitionOf(port));
      const before = scheduleOf(port);
      await registry.begin(before);
      await registry.submit(job, before, 2, decided(job.id));
      await registry.begin(before);
      expect(await registry.submit(job, before, 2, decided(job.id))).toBe(false);
      expect(await registry.schedules()).toEqual([before]);
    });

    test("gives a definition's jobs that have not ended, and no other's", async () => {
      const port = make();
      const { registry } = port;
      const [mine, theirs] = [definitionOf(port), definitionOf(port, { id: "d-2", name: "other" })];
      const jobs = [slotJob(mine), slotJob(mine, new Date("2026-01-03T00:00:00Z")), slotJob(theirs)] as const;
      let schedule = scheduleOf(port);
      await registry.begin(schedule);
      for (const [index, job] of jobs.entries()) {
        const change = { ...decided(job.id), scheduledThrough: `2026-01-0${index + 2}T00:00:00.000Z` };
        expect(await registry.submit(job, schedule, 2, change)).toBe(true);
        schedule = { ...schedule, ...change };
      }
      await port.claim(jobs[0]);
      const pending = async () => {
        const { jobs: found } = await registry.pendingJobs("d-1", jobs[1].id);
        return [...found].sort((a, b) => a.status.localeCompare(b.status));
      };
      for (const _again of [1, 2])
        expect(await pending()).toEqual([
          { id: jobs[0].id, status: "INPROGRESS" },
          { id: jobs[1].id, status: "NEW" },
        ]);
      await port.finish(jobs[0]);
      expect(await pending()).toEqual([{ id: jobs[1].id, status: "NEW" }]);
      expect(await registry.pendingJobs("d-3", null)).toEqual({ jobs: [], waiting: 2 });
    });

    test("cancels with a reason: a job that waits at once, one that runs by asking", async () => {
      const port = make();
      const { registry } = port;
      const [waits, runs] = [slotJob(definitionOf(port)), slotJob(definitionOf(port, { id: "d-2" }))];
      let schedule = scheduleOf(port);
      await registry.begin(schedule);
      for (const job of [waits, runs]) {
        const change = { ...decided(job.id), scheduledThrough: job.slot === null ? "" : `${job.id}` };
        await registry.submit(job, schedule, 2, change);
        schedule = { ...schedule, ...change };
      }
      await port.claim(runs);
      expect(await registry.cancelQueued(waits.id, WHY, SLOT)).toBe(true);
      expect(await registry.cancelQueued(runs.id, WHY, SLOT)).toBe(false);
      expect(await registry.requestCancel(runs.id, WHY)).toBe(true);
      expect(await registry.requestCancel(waits.id, WHY)).toBe(false);
      expect(await port.readJob(waits)).toMatchObject({ status: "CANCELLED", ...WHY });
      expect(await port.readJob(runs)).toMatchObject({ cancelRequested: true, cancelBecause: WHY });
    });
  });
}
