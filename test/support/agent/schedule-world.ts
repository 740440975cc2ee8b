import { pino } from "pino";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import { definitionSk, jobSk, META_SK, scheduleSk } from "../../../agent/contract/keys.js";
import type { ClusterItem, JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { createScheduler, type Scheduler } from "../../../agent/schedules/scheduler.js";
import { cronTicks } from "../../../agent/system/cron-ticks.js";
import { memorySchedules } from "../memory-schedules.js";
import { type MemoryItems, memoryItems, type memoryTable } from "../memory-table.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";
import { fakeRegistry } from "./fake-jobs.js";

/** A definition named nightly with that schedule, written at `updatedAt`. */
export const scheduled = (
  schedule: JobDefinitionItem["schedule"],
  updatedAt: string,
  change: Partial<JobDefinitionItem> = {},
): JobDefinitionItem => ({
  ...{ id: "d-1", clusterUuid: CLUSTER_UUID, name: "nightly", revision: 1, run: "manual", triggers: {} },
  request: { command: ["pi.py"] },
  ...(schedule === undefined ? {} : { schedule }),
  createdAt: "2025-01-01T00:00:00.000Z",
  updatedAt,
  ...change,
});

/** A cluster's schedules in memory, on a clock that a test sets; as many heads as it likes. */
export function scheduleWorld(now: string) {
  const jobs = fakeRegistry();
  const { table } = jobs;
  const world = {
    nowMs: Date.parse(now),
    /** The generation of the lease's holder. */
    generation: 1,
    isRegistryDown: false,
    /** The definition that can't be read. */
    failing: null as string | null,
    /** Called before each write of a schedule. */
    beforeWrite: async (): Promise<void> => {},
    /** Every call of the port, by its name. */
    calls: [] as string[],
    submitted: 0,
    /** The jobs that the cluster was to be awake for. */
    woken: [] as string[],
  };
  const definitions: MemoryItems<JobDefinitionItem> = memoryItems(table, definitionSk);
  const schedules: MemoryItems<ScheduleItem> = memoryItems(table, scheduleSk);
  const cluster: MemoryItems<ClusterItem> = memoryItems(table, () => META_SK);
  cluster.set("", clusterItem({ clusterStatus: "FINISHED", phase: "ready" }));
  const port = memorySchedules(table);
  const registry = Object.fromEntries(
    Object.entries(port).map(([name, call]) => [
      name,
      async (...given: unknown[]) => {
        if (world.isRegistryDown) throw new Error("the table is throttled");
        world.calls.push(name);
        if (name === "definition" && given[0] === world.failing) throw new Error("the item can't be decoded");
        if (name === "submit" || name === "advance") await world.beforeWrite();
        return (call as (...given: unknown[]) => unknown)(...given);
      },
    ]),
  ) as unknown as typeof port;
  const clock = { monotonicMs: () => world.nowMs, now: () => new Date(world.nowMs) };

  return Object.assign(world, {
    definitions,
    cluster,
    table,
    /** The scheduler of a head; it is head while the lease is its generation's, or always if it does not notice. */
    head: (generation: number, notices = true): Scheduler =>
      createScheduler({
        ...{ registry, clock, accepts: cronTicks.accepts, log: pino({ level: "silent" }) },
        generation: () => (!notices || world.generation === generation ? generation : null),
        wake: async (job) => world.woken.push(job.id),
        onSubmitted: () => {
          world.submitted += 1;
        },
      }),
    set(time: string): void {
      world.nowMs = Date.parse(time);
    },
    advance(seconds: number): void {
      world.nowMs += seconds * 1_000;
    },
    /** Looks each `everySeconds` until that time. */
    async until(scheduler: Scheduler, time: string, everySeconds = 1): Promise<void> {
      while (world.nowMs < Date.parse(time)) {
        world.nowMs = Math.min(world.nowMs + everySeconds * 1_000, Date.parse(time));
        await scheduler.look();
      }
    },
    schedule(name = "nightly"): ScheduleItem {
      const item = schedules.get(name);
      if (item === undefined) throw new Error(`no schedule ${name}`);
      return item;
    },
    schedules,
    /** Every job, in the order of their slots. */
    jobs(): readonly JobItem[] {
      return jobItems(table).sort((a, b) => `${a.slot}`.localeCompare(`${b.slot}`));
    },
    /** The slots that have a job. */
    slots(): readonly (string | null)[] {
      return this.jobs().map(({ slot }) => slot);
    },
    /** A head runs the job, or ends it. */
    async run(id: string): Promise<void> {
      await jobs.registry.claim(id, 1);
    },
    async end(id: string): Promise<void> {
      await jobs.registry.claim(id, 1);
      await jobs.registry.update(id, 1, { status: "FINISHED", phase: "ended" });
    },
    async endAll(): Promise<void> {
      for (const { id, status } of this.jobs())
        if (status === "NEW" || status === "INPROGRESS") await this.end(id);
    },
  });
}

const jobItems = (table: ReturnType<typeof memoryTable>): JobItem[] => [
  ...memoryItems<JobItem>(table, jobSk).values(),
];
