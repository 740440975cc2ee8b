import { expect, test } from "@jest/globals";
import { because } from "../../../../agent/contract/reasons.js";
import { delivering, nextAttempt, retryWait } from "../../../../agent/jobs/changes.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const WHY = because("node-lost", "node 10.0.0.2 was lost while the job ran");
const NOW = new Date("2026-01-01T00:00:40Z");

test("a job whose log is delivered says how it will end, and the one node that this is due to", () => {
  const ending = { event: "fail", ...WHY, exitCode: null } as const;
  expect(delivering(ending)).toEqual({ ...WHY, exitCode: null, lastLines: [], failedNode: null });
  expect(delivering({ ...ending, host: "10.0.0.2", lines: ["no"] })).toMatchObject({
    ...{ lastLines: ["no"], failedNode: { address: "10.0.0.2" } },
  });
});

test("the next attempt has the next number, and of the one before the time of the wait alone", () => {
  const at = { source: "2026-01-01T00:00:01Z", retrying: "2026-01-01T00:00:40Z" };
  const item = { ...queuedJob(), attempt: 2, phaseTimes: at };
  expect(nextAttempt(item)).toMatchObject({
    attempt: 3,
    phaseTimes: { retrying: at.retrying },
    retryAt: null,
  });
  expect(nextAttempt({ ...item, phaseTimes: { source: at.source } }).phaseTimes).toEqual({});
});

test("a job that waits for its next attempt is in progress, with what the last one ended with", () => {
  const end = { status: "FAILED", ...WHY, endedAt: NOW.toISOString(), phaseTimes: { source: "s" } } as const;
  expect(retryWait(end, new Date("2026-01-01T00:01:00Z"), NOW)).toEqual({
    ...{ ...WHY, phase: "retrying", retryAt: "2026-01-01T00:01:00.000Z" },
    phaseTimes: { source: "s", retrying: "2026-01-01T00:00:40.000Z" },
  });
});
