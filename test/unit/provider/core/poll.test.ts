import { describe, expect, test } from "@jest/globals";
import { DiagnosticError, failure } from "../../../../provider/core/diagnostic.js";
import { isDuration, parseDuration, renderDuration } from "../../../../provider/core/duration.js";
import { type Look, poll } from "../../../../provider/core/poll.js";
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

  test("ends when the time is up, never later, and tells what was seen last", async () => {
    const runtime = fakeRuntime();
    const ended = poll(
      "the nodes",
      async () => waiting("1 of 2"),
      { everyMs: 10_000, timeoutMs: 25_000 },
      runtime,
    );
    await expect(ended).rejects.toThrow("the nodes took longer than 25s. Last seen: 1 of 2.");
    expect(runtime.sleeps).toEqual([10_000, 10_000, 5000]);
  });

  test("goes on over a transient failure, ends at any other", async () => {
    const transient = new DiagnosticError([{ severity: "error", summary: "Slow", detail: "down" }], {
      transient: true,
    });
    const looks: (() => Promise<Look<string>>)[] = [
      () => Promise.reject(transient),
      () => Promise.reject(failure("Access", "denied")),
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
    const sleep = (): Promise<void> => {
      abort.abort();
      return Promise.reject(new Error("aborted"));
    };
    const ended = poll("it", async () => waiting("a"), times, {
      ...runtime,
      signal: abort.signal,
      clock: { ...runtime.clock, sleep },
    });
    await expect(ended).rejects.toThrow("Stopped while waiting: it.");
  });
});

describe("durations", () => {
  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
  ])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
    expect(isDuration(text)).toBeNull();
  });

  test.each(["", "30", "m", "30 m", "-5m", "0s", "5x", "5m!"])("%p fails", (text) => {
    expect(parseDuration(text)).toBeNull();
    expect(isDuration(text)).toContain("must be a duration");
  });

  test.each([
    [45_000, "45s"],
    [1_800_000, "30m"],
    [5_401_000, "1h30m1s"],
  ])("%d ms is %s", (milliseconds, text) => expect(renderDuration(milliseconds)).toBe(text));
});
