import { expect, test } from "@jest/globals";
import type { JobRequest } from "../../../../agent/contract/registry.js";
import { jobDeadlineMs, jobTimeOut, phaseSeconds } from "../../../../agent/jobs/limits.js";

const setup = (more: object): Pick<JobRequest, "setup"> =>
  ({ setup: { command: ["true"], ...more } }) as never;

test.each<[Parameters<typeof phaseSeconds>[0], Pick<JobRequest, "setup">, number]>([
  ["source", {}, 3_600],
  ["source", setup({ timeoutSeconds: 120 }), 3_720],
  ["source", setup({}), 3_600 + 600],
  ["preflight", setup({ timeoutSeconds: 120 }), 300],
  ["launching", {}, 60],
])("%s with %j takes %d s at most", (phase, request, seconds) => {
  expect(phaseSeconds(phase, request)).toBe(seconds);
});

const job = (jobTimeoutSeconds?: number, claimedAt: string | null = "2026-01-01T00:00:00.000Z") => ({
  request: { command: ["x"], ...(jobTimeoutSeconds === undefined ? {} : { jobTimeoutSeconds }) },
  claimedAt,
});

test("a job has no deadline where it has no limit, or was not claimed yet", () => {
  expect([jobDeadlineMs(job()), jobDeadlineMs(job(60, null))]).toEqual([null, null]);
  expect(jobTimeOut(job(), new Date("2027-01-01T00:00:00Z"))).toBeNull();
});

test.each([
  ["2026-01-01T00:00:59.999Z", null],
  ["2026-01-01T00:01:00.000Z", { type: "jobTimedOut", jobTimeoutSeconds: 60 }],
])("at %s a job of a minute is over: %j", (now, expected) => {
  expect(jobTimeOut(job(60), new Date(now))).toEqual(expected);
});
