import { describe, expect, test } from "@jest/globals";
import type { Look } from "../../../../agent/contract/wait.js";
import { DiagnosticError, failure } from "../../../../provider/core/diagnostic.js";
import { poll } from "../../../../provider/core/poll.js";
import { fakeRuntime } from "../../../support/provider/runtime.js";

const times = { everyMs: 1000, timeoutMs: 25_000 };
const waiting = (progress: string): Look<string> => ({ done: false, progress });

describe("poll", () => {
  test("looks until it is done, logs each new progress, and an old one every 10 s", async () => {
    const runtime = fakeRuntime();
    let looks = 0;
    const value = await poll(
      "it",
      async () => (++looks === 20 ? { done: true, value: "x" } : waiting(looks < 3 ? "a" : "b")),
      times,
      runtime,
    );
    expect(value).toBe("x");
    expect(runtime.logged).toEqual(["waiting: it: a", "waiting: it: b", "waiting: it: b"]);
  });

  test("logs an old progress again after 10 s, and not before", async () => {
    const every10 = fakeRuntime();
    const every9 = fakeRuntime();
    for (const [everyMs, runtime] of [
      [10_000, every10],
      [9_999, every9],
    ] as const)
      await poll("it", async () => waiting("a"), { everyMs, timeoutMs: 25_000 }, runtime).catch(
        () => undefined,
      );
    expect([every10.logged.length, every9.logged.length]).toEqual([3, 2]);
  });

  test("ends when the time is up, never later, and says what was seen last", async () => {
    const runtime = fakeRuntime();
    const ended = poll(
      "the nodes",
      async () => waiting("1 of 2"),
      { everyMs: 10_000, timeoutMs: 25_000 },
      runtime,
    );
    await expect(ended).rejects.toThrow("Timed out after 25s waiting for the nodes; last seen: 1 of 2.");
    expect(runtime.sleeps).toEqual([10_000, 10_000, 5000]);
  });

  test("goes on over a transient failure, ends at any other", async () => {
    const transient = new DiagnosticError(
      [{ severity: "error", code: "aws-unavailable", summary: "Slow", detail: "down" }],
      {
        transient: true,
      },
    );
    const looks: (() => Promise<Look<string>>)[] = [
      () => Promise.reject(transient),
      () => Promise.reject(failure("permission-missing", "Access", "denied")),
    ];
    const ended = poll(
      "it",
      () => looks.shift()?.() ?? Promise.reject(new Error("too many")),
      times,
      fakeRuntime(),
    );
    await expect(ended).rejects.toThrow("Access: denied");
  });

  test("an abort ends it at once, also out of a sleep", async () => {
    const abort = new AbortController();
    const runtime = fakeRuntime();
    const sleep = async (): Promise<void> => abort.abort();
    const ended = poll("it", async () => waiting("a"), times, {
      ...runtime,
      signal: abort.signal,
      clock: { ...runtime.clock, sleep },
    });
    await expect(ended).rejects.toThrow("Stopped while waiting: it.");
  });
});
