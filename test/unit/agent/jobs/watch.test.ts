import { describe, expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import { HEAD_LOST, nodeLost } from "../../../../agent/jobs/attempt.js";
import { type JobFacts, observedEvent, planStop, stopBounds } from "../../../../agent/jobs/watch.js";

const calm: JobFacts = {
  nowMs: 10_000,
  startedAtMs: 0,
  timeoutSeconds: 60,
  cancelRequested: false,
  processes: "running",
  exitCode: null,
  lostHost: null,
  missingHost: null,
  verdict: null,
  exitedSinceMs: null,
};
const verdict = {
  ...because("rank-exited", "rank 1 on 10.0.0.2 exited with code 3"),
  lines: ["x"],
  exitCode: 3,
};
const isNodeLost = { ...nodeLost("10.0.0.2"), lines: null, exitCode: null, host: "10.0.0.2" };

describe("what is observed of a running job", () => {
  test.each<[string, Partial<JobFacts>, ReturnType<typeof observedEvent>]>([
    ["nothing", {}, null],
    ["its end with code 0", { exitCode: 0 }, { type: "exited", exitCode: 0, verdict: null }],
    [
      "its failure, whose cause may still come",
      { processes: "ended", exitCode: 3, exitedSinceMs: 7_001 },
      null,
    ],
    [
      "its failure, whose cause did not come",
      { processes: "ended", exitCode: 3, exitedSinceMs: 7_000 },
      { type: "exited", exitCode: 3, verdict: null },
    ],
    [
      "its end without a code",
      { processes: "ended", exitedSinceMs: 7_000 },
      { type: "exited", exitCode: null, verdict: null },
    ],
    [
      "its failure because of a rank",
      { exitCode: 9, exitedSinceMs: 10_000, verdict },
      { type: "exited", exitCode: 9, verdict },
    ],
    [
      "its failure while a host is missing",
      { exitCode: 255, exitedSinceMs: 10_000, missingHost: "10.0.0.2" },
      { type: "exited", exitCode: 255, verdict: isNodeLost },
    ],
    ["a rank's failure", { verdict }, { type: "ranksFailed", verdict }],
    ["its node's loss", { processes: "unknown" }, { type: "failed", why: HEAD_LOST }],
    ["a cancel", { cancelRequested: true }, { type: "cancelRequested" }],
    ["a lost host", { lostHost: "10.0.0.2" }, { type: "nodeLost", address: "10.0.0.2" }],
    ["no time-out just before", { nowMs: 59_999 }, null],
    ["the time-out", { nowMs: 60_000 }, { type: "timedOut", timeoutSeconds: 60 }],
    [
      "its own end before a late cancel",
      { exitCode: 0, cancelRequested: true, nowMs: 99_000 },
      { type: "exited", exitCode: 0, verdict: null },
    ],
  ])("%s", (_name, change, event) => {
    expect(observedEvent({ ...calm, ...change })).toEqual(event);
  });
});

test.each([
  ["that is cancelled", { event: "cancel", reasonCode: "cancelled-on-request" }, 1_000],
  ["that has lost a node", { event: "fail", reasonCode: "node-lost" }, 300],
  ["that has timed out", { event: "fail", reasonCode: "timed-out" }, 5_000],
] as const)("a job %s gets time to end by itself", (_name, ending, killAfterMs) => {
  expect(stopBounds(ending)).toEqual({ killAfterMs, giveUpAfterMs: 30_000 });
});

describe("a stop", () => {
  const bounds = { killAfterMs: 5_000, giveUpAfterMs: 30_000 };
  test.each([
    [null, 100, "SIGTERM"],
    [100, 5_099, "wait"],
    [100, 5_100, "SIGKILL"],
    [100, 20_000, "SIGKILL"],
    [100, 30_100, "giveUp"],
  ] as const)("asked at %p, at %p: %s", (askedAtMs, nowMs, action) => {
    expect(planStop(askedAtMs, nowMs, bounds)).toBe(action);
  });
});
