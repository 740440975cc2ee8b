import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { QueueEntry } from "../../../../agent/jobs/ports.js";
import { createQueueLook } from "../../../../agent/jobs/queue-look.js";
import { job, other, running } from "../../../support/agent/waiting-jobs.js";
import { manualClock } from "../../../support/manual-clock.js";

describe("a head's looks at the queue", () => {
  function look(entries: readonly QueueEntry[] = []) {
    const clock = manualClock();
    const world = { entries };
    const looked: boolean[] = [];
    const reads: number[] = [];
    const registry = {
      async queue() {
        reads.push(clock.monotonicMs());
        return world.entries;
      },
      setAside: async () => true,
    };
    const made = createQueueLook({
      registry: registry as never,
      hints: { looked: (_generation, isEmpty) => void looked.push(isEmpty), mayBeThere: () => true },
      clock,
      log: pino({ level: "silent" }),
    });
    const idsAt = async (generation = 1) => (await made.read(generation, () => [])).map(({ id }) => id);
    return { ...made, clock, world, looked, reads, idsAt };
  }

  test("leave out what this head brings to its end, and say whether anything else is there", async () => {
    const { read, looked, taken } = look([job, other]);
    expect((await read(1, () => [job.id])).map(({ id }) => id)).toEqual([other.id]);
    taken(other.id);
    expect(await read(1, () => [job.id, other.id])).toEqual([]);
    expect(looked).toEqual([false, true]);
  });

  test("are told of by their generation, with their age", async () => {
    const { read, seen, clock } = look([job, other]);
    expect(seen(1)).toEqual({ waiting: 0, lookedMsAgo: null });
    clock.advance(500);
    await read(1, () => []);
    clock.advance(300);
    expect(seen(1)).toEqual({ waiting: 2, lookedMsAgo: 300 });
    expect(seen(2)).toEqual({ waiting: 0, lookedMsAgo: null });
  });

  test("count for five seconds: the jobs that are left of one are not read again", async () => {
    const { idsAt, taken, clock, reads } = look([job, other]);
    expect(await idsAt()).toEqual([job.id, other.id]);
    taken(job.id);
    clock.advance(4_999);
    expect([await idsAt(), reads.length]).toEqual([[other.id], 1]);
    clock.advance(1);
    expect([await idsAt(), reads.length]).toEqual([[job.id, other.id], 2]);
  });

  test.each<[string, (of: ReturnType<typeof look>) => unknown]>([
    ["there is word of a job", ({ heard }) => heard()],
    ["one of the jobs can't be claimed", ({ lost }) => lost()],
    ["one of the jobs turns out to be none", ({ spoil }) => spoil(job.id, { key: "JOB#x", problem: "?" })],
    [
      "all its jobs are taken",
      ({ taken }) => {
        for (const { id } of [job, other]) taken(id);
      },
    ],
  ])("count no more where %s", async (_name, happens) => {
    const made = look([job, other]);
    await made.idsAt();
    happens(made);
    await made.idsAt();
    expect(made.reads).toHaveLength(2);
  });

  test.each<[string, QueueEntry[], number]>([
    ["of another generation", [job, other], 2],
    ["that found a job which runs", [running, other], 1],
    ["that found a job which is to be cancelled", [{ ...job, cancelRequested: true }, other], 1],
    ["that found none", [], 1],
  ])("do not count %s", async (_name, entries, generation) => {
    const { idsAt, reads } = look(entries);
    await idsAt();
    await idsAt(generation);
    expect(reads).toHaveLength(2);
  });

  test("come at once after one from memory was wrong, and a second after one at the queue itself", async () => {
    const { idsAt, lost } = look([job, other]);
    await idsAt();
    expect(lost()).toBe(1_000);
    await idsAt();
    await idsAt();
    expect(lost()).toBe(0);
  });
});
