import { describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import type { FilesNote } from "../../../../agent/contract/writes/cluster.js";
import { type Cleaner, createCleaner } from "../../../../agent/head/cleaner.js";
import { manualClock } from "../../../support/manual-clock.js";

/** A cleaner on files in memory; `say` is what META says of them. */
function world() {
  const clock = manualClock();
  const state = {
    ...{ isJobRunning: false, undelivered: 0, isHead: true, failure: null as Error | null },
    done: [] as string[],
    notes: [] as FilesNote[],
    said: { files: "to-empty", filesReason: null } as Parameters<Cleaner["look"]>[0],
  };
  const cleaner = createCleaner({
    files: {
      async emptyShared() {
        if (state.failure !== null) throw state.failure;
        state.done.push("shared");
      },
      undelivered: async () => state.undelivered,
      emptyRecords: async () => void state.done.push("records"),
    },
    isJobRunning: async () => state.isJobRunning,
    async noteFiles(_generation, note) {
      state.notes.push(note);
      state.said = note;
      return true;
    },
    clock,
    log: pino({ level: "silent" }),
  });
  /** A look of the head, and all that comes of it. */
  async function look(afterMs = 5_000): Promise<void> {
    clock.advance(afterMs);
    cleaner.look(state.said, 3, () => state.isHead);
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  }
  return { state, look };
}

describe("a cluster's folders", () => {
  test.each(["kept", "emptied", undefined] as const)("that are %s are not touched", async (files) => {
    const { state, look } = world();
    state.said = files === undefined ? {} : { files };
    await look();
    expect(state).toMatchObject({ done: [], notes: [] });
  });

  test("are emptied, the jobs' first, and that is noted", async () => {
    const { state, look } = world();
    await look();
    await look();
    expect(state.done).toEqual(["shared", "records"]);
    expect(state.notes).toEqual([{ files: "emptied", filesReasonCode: null, filesReason: null }]);
  });

  test("stay while a job runs, and records until all logs are delivered; why is noted once", async () => {
    const { state, look } = world();
    state.isJobRunning = true;
    for (let i = 0; i < 3; i += 1) await look();
    expect(state.done).toEqual([]);
    state.isJobRunning = false;
    state.undelivered = 2;
    for (let i = 0; i < 3; i += 1) await look();
    expect(state.done).toEqual(["shared", "shared", "shared"]);
    expect(state.notes.map(({ filesReasonCode, filesReason }) => [filesReasonCode, filesReason])).toEqual([
      ["files-job-running", "a job still runs"],
      ["files-logs-pending", "/shared is empty, but 2 jobs' logs are not in the bucket yet"],
    ]);
    state.undelivered = 0;
    await look();
    expect(state.said.files).toBe("emptied");
  });

  test("that can't be emptied are named, and tried again", async () => {
    const { state, look } = world();
    state.failure = new Error("/shared/x is left");
    await look();
    expect(state.notes).toEqual([
      { files: "to-empty", filesReasonCode: "files-not-removed", filesReason: "/shared/x is left" },
    ]);
    state.failure = null;
    await look(1_999);
    expect(state.said.files).toBe("to-empty");
    await look(1);
    expect(state.said.files).toBe("emptied");
  });

  test("are not touched by a node that is no longer head", async () => {
    const { state, look } = world();
    state.isHead = false;
    await look();
    expect(state.done).toEqual([]);
    expect(state.said).toMatchObject({ files: "to-empty", filesReasonCode: "files-head-changed" });
  });
});
