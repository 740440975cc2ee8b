import { describe, expect, test } from "@jest/globals";
import { because, CANCELLED_ON_REQUEST, NO_REASON } from "../../../../agent/contract/reasons.js";
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
const FAILED: AttemptEvent = { type: "failed", why: because("source-failed", "no room") };

describe("an attempt", () => {
  test.each<[string, AttemptEvent[], AttemptPhase]>([
    ["starts with the source", [], "source"],
    ["then checks", LAUNCHED.slice(0, 1), "preflight"],
    ["then launches", LAUNCHED.slice(0, 2), "launching"],
    ["then runs", LAUNCHED, "running"],
    ["ends when mpiexec has ended", [...LAUNCHED, { type: "exited", exitCode: 0 }], "ended"],
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
    expect(attempt).toEqual({ phase: "ended", ending });
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

describe("a head that adopts a job", () => {
  const item = (phase: "queued" | "preflight" | "launching" | "running") => ({ phase });
  const running = { processes: "running", exitCode: null } as const;
  const unknown = { processes: "unknown", exitCode: null } as const;

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
