import { describe, expect, test } from "@jest/globals";
import type { JobPhase } from "../../../../agent/contract/job-state.js";
import {
  because,
  CANCELLED_ON_REQUEST,
  type JobReasonCode,
  NO_REASON,
} from "../../../../agent/contract/reasons.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import {
  type Attempt,
  type AttemptEvent,
  type AttemptPhase,
  adoptAttempt,
  advance,
  type Ending,
  HEAD_LOST,
  NEW_ATTEMPT,
  NO_EXIT_CODE,
} from "../../../../agent/jobs/attempt.js";

const attemptAfter = (...events: AttemptEvent[]): Attempt => events.reduce(advance, NEW_ATTEMPT);
const LAUNCHED: AttemptEvent[] = [{ type: "prepared" }, { type: "checked" }, { type: "launched" }];
const EXITED: AttemptEvent[] = [...LAUNCHED, { type: "exited", exitCode: 0 }];
const FAILED: AttemptEvent = { type: "failed", why: because("source-failed", "no room") };

describe("an attempt", () => {
  test.each<[string, AttemptEvent[], AttemptPhase]>([
    ["starts with the source", [], "source"],
    ["then checks", LAUNCHED.slice(0, 1), "preflight"],
    ["then launches", LAUNCHED.slice(0, 2), "launching"],
    ["then runs", LAUNCHED, "running"],
    ["delivers when mpiexec has ended", EXITED, "delivering"],
    ["ends when its log is delivered", [...EXITED, { type: "delivered" }], "ended"],
    ["delivers on where it is cancelled too late", [...EXITED, { type: "cancelRequested" }], "delivering"],
    ["ends when its source fails", [FAILED], "ended"],
    [
      "ends when cancelled before the launch",
      [...LAUNCHED.slice(0, 2), { type: "cancelRequested" }],
      "ended",
    ],
    [
      "stays running until the processes of a cancelled job are gone",
      [...LAUNCHED, { type: "cancelRequested" }],
      "running",
    ],
  ])("%s", (_name, events, phase) => {
    expect(attemptAfter(...events).phase).toBe(phase);
  });

  test.each<[string, AttemptEvent, Ending]>([
    ["exit code 0", { type: "exited", exitCode: 0 }, { event: "succeed", ...NO_REASON, exitCode: 0 }],
    [
      "exit code 3",
      { type: "exited", exitCode: 3 },
      { event: "fail", reasonCode: "mpiexec-failed", reason: "mpiexec exited with code 3", exitCode: 3 },
    ],
    ["no exit code", { type: "exited", exitCode: null }, { event: "fail", ...NO_EXIT_CODE, exitCode: null }],
    [
      "a time-out",
      { type: "timedOut", timeoutSeconds: 60 },
      { event: "fail", reasonCode: "timed-out", reason: "timed out after 60 s", exitCode: null },
    ],
    [
      "a lost node",
      { type: "nodeLost", address: "10.0.0.7" },
      {
        event: "fail",
        reasonCode: "node-lost",
        reason: "node 10.0.0.7 was lost while the job ran",
        exitCode: null,
        host: "10.0.0.7",
      },
    ],
    ["a cancel", { type: "cancelRequested" }, { event: "cancel", ...CANCELLED_ON_REQUEST, exitCode: null }],
  ])("ends by %s", (_name, event, ending) => {
    expect(attemptAfter(...LAUNCHED, event).ending).toEqual(ending);
  });

  const stops: AttemptEvent[] = [
    { type: "cancelRequested" },
    { type: "timedOut", timeoutSeconds: 5 },
    { type: "nodeLost", address: "10.0.0.7" },
    FAILED,
  ];
  test.each(
    stops.flatMap((first) => stops.filter((s) => s !== first).map((second) => [first, second] as const)),
  )("the first reason wins: %j before %j and before the exit that the kill causes", (first, second) => {
    const ending = attemptAfter(...LAUNCHED, first).ending;
    const attempt = attemptAfter(...LAUNCHED, first, second, { type: "exited", exitCode: 255 });
    expect(attempt).toEqual({ phase: "delivering", ending });
  });

  test("an end by itself is not undone by a late cancel", () => {
    const attempt = attemptAfter(...LAUNCHED, { type: "exited", exitCode: 0 }, { type: "cancelRequested" });
    expect(attempt.ending?.event).toBe("succeed");
  });

  test.each<[AttemptEvent[], AttemptEvent]>([
    [[], { type: "launched" }],
    [[{ type: "prepared" }], { type: "exited", exitCode: 0 }],
    [LAUNCHED, { type: "launched" }],
  ])("after %j, %j fails: it can't happen", (events, event) => {
    expect(() => advance(attemptAfter(...events), event)).toThrow(/can't take/);
  });
});

describe("an attempt that has ended", () => {
  const over = attemptAfter(...LAUNCHED, { type: "exited", exitCode: 3 }, { type: "delivered" });
  const waiting = advance(over, { type: "retry" });

  test("is followed by a wait without its ending, and that by the next one", () => {
    expect(waiting).toEqual({ phase: "retrying", ending: null });
    expect(advance(waiting, { type: "due" })).toEqual(NEW_ATTEMPT);
  });

  test.each<[string, AttemptEvent, JobReasonCode]>([
    ["a cancel", { type: "cancelRequested" }, "cancelled-on-request"],
    ["the whole job's time", { type: "jobTimedOut", jobTimeoutSeconds: 9 }, "job-timed-out"],
  ])("is not followed by another where the wait ends by %s", (_name, event, reasonCode) => {
    expect(advance(waiting, event)).toMatchObject({ phase: "ended", ending: { reasonCode } });
  });

  test.each<[AttemptEvent[], AttemptEvent]>([
    [LAUNCHED, { type: "retry" }],
    [[], { type: "retry" }],
    [EXITED, { type: "retry" }],
    [[...EXITED, { type: "delivered" }], { type: "due" }],
  ])("is the only one that is tried again: after %j, %j fails", (events, event) => {
    expect(() => advance(attemptAfter(...events), event)).toThrow(/can't take/);
  });
});

describe("a head that adopts a job", () => {
  const REPLACED = because("replaced-by-schedule", "replaced by the slot");
  const NO_END = { ...NO_REASON, exitCode: null, failedNode: null, lastLines: [] };
  const item = (phase: JobPhase) => ({ phase, ...NO_END });
  const running = { processes: "running", exitCode: null } as const;
  const unknown = { processes: "unknown", exitCode: null } as const;

  test("waits on where one waits for its next attempt", () => {
    expect(adoptAttempt(item("retrying"), unknown)).toEqual({ phase: "retrying", ending: null });
  });
  test.each<[string, Partial<JobItem>, Ending]>([
    ["succeeded", { exitCode: 0 }, { event: "succeed", ...NO_REASON, exitCode: 0 }],
    ["was cancelled", CANCELLED_ON_REQUEST, { event: "cancel", ...CANCELLED_ON_REQUEST, exitCode: null }],
    [
      "was replaced by its schedule",
      { ...REPLACED, cancelBecause: REPLACED },
      { event: "cancel", ...REPLACED, exitCode: null },
    ],
    [
      "failed before it was to be replaced",
      { ...because("timed-out", "late"), cancelBecause: REPLACED },
      { event: "fail", ...because("timed-out", "late"), exitCode: null },
    ],
    [
      "lost a node",
      { ...because("node-lost", "gone"), failedNode: { address: "10.0.0.7" } },
      { event: "fail", ...because("node-lost", "gone"), exitCode: null, host: "10.0.0.7" },
    ],
    [
      "lost a rank, which has said why",
      { ...because("rank-exited", "rank 1"), exitCode: 3, lastLines: ["ValueError: no"] },
      { event: "fail", ...because("rank-exited", "rank 1"), exitCode: 3, lines: ["ValueError: no"] },
    ],
  ])("delivers on where one is delivering that %s", (_name, said, ending) => {
    expect(adoptAttempt({ ...item("delivering"), ...said }, { ...unknown, exitCode: 143 })).toEqual({
      ...{ phase: "delivering", ending },
    });
  });
  test.each(["queued", "preflight"] as const)("starts over one that was in %s", (phase) => {
    expect(adoptAttempt(item(phase), unknown)).toEqual(NEW_ATTEMPT);
  });
  test.each(["launching", "running"] as const)("watches on where mpiexec lives, in %s", (phase) => {
    expect(adoptAttempt(item(phase), running)).toEqual({ phase: "running", ending: null });
  });
  test.each(["launching", "running"] as const)(
    "fails one whose mpiexec was on another node, in %s",
    (phase) => {
      expect(adoptAttempt(item(phase), unknown)).toEqual({
        phase: "ended",
        ending: { event: "fail", ...HEAD_LOST, exitCode: null },
      });
    },
  );
  test("believes an exit code on /shared, wherever mpiexec was", () => {
    expect(adoptAttempt(item("running"), { processes: "unknown", exitCode: 0 }).ending?.event).toBe(
      "succeed",
    );
    expect(adoptAttempt(item("running"), { processes: "ended", exitCode: 3 }).ending?.exitCode).toBe(3);
  });
  test("says so when mpiexec ended here without an exit code", () => {
    expect(adoptAttempt(item("running"), { processes: "ended", exitCode: null }).ending).toMatchObject(
      NO_EXIT_CODE,
    );
  });
});
