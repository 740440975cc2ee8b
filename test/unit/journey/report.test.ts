import { expect, test } from "@jest/globals";
import { newJob } from "../../../agent/contract/job.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { nothingSeen, renderReport } from "../../../scripts/journey/report.js";

const JOB: JobItem = {
  ...newJob("uuid", "key", { command: ["pi.py"] }, new Date("2026-01-01T00:00:00.000Z")),
  status: "FAILED",
  reason: "mpiexec exited with code 3",
  endedAt: "2026-01-01T00:00:02.340Z",
  exitCode: 3,
  logState: "pending",
  logReason: "the bucket is away",
  lastLines: ["the last thing it said"],
};
const SECONDS = { setup: 1, up: 2, deploy: 40, ready: 0, job: 0, destroy: 30, total: 73 };

test("a job's seconds are its own: deploy may have waited for it already", () => {
  expect(renderReport({ ...nothingSeen(), job: JOB }, SECONDS).seconds).toEqual({ ...SECONDS, job: 2.3 });
  expect(renderReport(nothingSeen(), SECONDS).seconds).toEqual(SECONDS);
});
