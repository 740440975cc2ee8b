import { describe, expect, test } from "@jest/globals";
import { createTasks } from "../../../../../scripts/cli/console/tasks.js";
import { failure } from "../../../../../scripts/cli/core/exit.js";

const now = () => new Date("2026-01-01T00:00:00Z");
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a task", () => {
  test("is INPROGRESS, then FINISHED with what came out and its lines", async () => {
    const tasks = createTasks(now);
    let end: (text: string) => void = () => undefined;
    const { id } = tasks.start({
      title: "Deploy",
      run: ({ say }) => {
        say("\u001b[32mplan\u001b[0m");
        return new Promise((resolve) => {
          end = resolve;
        });
      },
    });
    expect(tasks.read(id, 0)).toMatchObject({
      task: { status: "INPROGRESS", mayStop: true },
      lines: ["plan"],
    });
    end("Deployed.");
    await settled();
    expect(tasks.read(id, 1)).toMatchObject({
      ...{ task: { status: "FINISHED", message: "Deployed.", lines: 1, mayStop: false }, lines: [], from: 1 },
    });
  });

  test("fails with its reason", async () => {
    const tasks = createTasks(now);
    tasks.start({ title: "a", run: () => Promise.reject(failure("no capacity")) });
    tasks.start({ title: "b", run: () => Promise.reject(new Error("x is undefined")) });
    await settled();
    expect(tasks.list()).toMatchObject([
      { title: "b", status: "FAILED", message: "x is undefined. This error is unexpected." },
      { title: "a", status: "FAILED", message: "no capacity" },
    ]);
  });

  test("of the project waits as NEW for the one before it, and runs though that failed", async () => {
    const tasks = createTasks(now);
    let fail: (error: Error) => void = () => undefined;
    tasks.start({
      ...{ title: "first", lane: "project" },
      run: () =>
        new Promise((_resolve, reject) => {
          fail = reject;
        }),
    });
    const second = tasks.start({ title: "second", lane: "project", run: async () => "done" });
    await settled();
    expect(tasks.read(second.id, 0)?.task.status).toBe("NEW");
    fail(failure("no"));
    await settled();
    expect(tasks.read(second.id, 0)?.task.status).toBe("FINISHED");
  });

  test("is stopped by its signal, before it begins too", async () => {
    const tasks = createTasks(now);
    const stopped = (signal: AbortSignal) =>
      new Promise<string>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    const first = tasks.start({ title: "a", lane: "project", run: ({ signal }) => stopped(signal) });
    const second = tasks.start({ title: "b", lane: "project", run: async () => "never" });
    await settled();
    tasks.stop(second.id);
    tasks.stop(first.id);
    await tasks.close();
    expect(tasks.list().map(({ status, message }) => [status, message])).toEqual([
      ["FAILED", "It was stopped."],
      ["FAILED", "It was stopped."],
    ]);
  });

  test("keeps so many lines, and says which it has", async () => {
    const tasks = createTasks(now);
    const { id } = tasks.start({
      title: "a",
      run: async ({ say }) => {
        for (let line = 0; line < 7_000; line++) say(`${line}`);
        return "";
      },
    });
    await settled();
    const seen = tasks.read(id, 0);
    expect(seen).toMatchObject({ from: 2_000, task: { lines: 7_000 } });
    expect([seen?.lines.length, seen?.lines[0]]).toEqual([1_000, "2000"]);
  });

  test("of before make room, but none that runs", async () => {
    const tasks = createTasks(now);
    const { id } = tasks.start({
      title: "runs",
      run: ({ signal }) =>
        new Promise((_r, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    for (let count = 0; count < 80; count++) {
      tasks.start({ title: `${count}`, run: async () => "" });
      await settled();
    }
    expect(tasks.list()).toHaveLength(50);
    expect(tasks.read(id, 0)?.task.status).toBe("INPROGRESS");
    await tasks.close();
  });
});
