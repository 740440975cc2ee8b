import { expect, test } from "@jest/globals";
import { pino } from "pino";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { endStrays } from "../../../../agent/jobs/strays.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const SELF = { instanceId: "i-a", address: "10.0.0.1" };
const running: Partial<JobItem> = { status: "INPROGRESS", phase: "running", launchedOn: SELF };

test.each<[string, Partial<JobItem> | null, boolean]>([
  ["runs here", running, false],
  ["is gone", null, true],
  ["has ended", { ...running, status: "FAILED", phase: "ended" }, true],
  ["waits for its next attempt", { ...running, phase: "retrying" }, true],
  ["was started elsewhere", { ...running, launchedOn: { instanceId: "i-b", address: "10.0.0.2" } }, true],
  ["was started nowhere", { ...running, launchedOn: null }, true],
])("what runs here of a job that %s is ended where it is over", async (_name, change, isEnded) => {
  const calls: string[] = [];
  const deps = {
    registry: { read: async () => (change === null ? null : { ...queuedJob(), ...change }) },
    processes: {
      ids: async () => ["job-1"],
      signal: async (id: string, signal: string) => void calls.push(`${signal} ${id}`),
      forget: async (id: string) => void calls.push(`forget ${id}`),
    } as never,
    ...{ self: SELF, log: pino({ level: "silent" }) },
  };
  await endStrays([], deps);
  expect(calls).toEqual(isEnded ? ["SIGKILL job-1", "forget job-1"] : []);
});

test("the job that this node drives itself is left alone, and not read", async () => {
  const read: string[] = [];
  const signalled: string[] = [];
  await endStrays(["mine"], {
    registry: {
      async read(id) {
        read.push(id);
        return null;
      },
    },
    processes: {
      ids: async () => ["mine", "other"],
      signal: async (id: string) => void signalled.push(id),
      forget: async () => {},
    } as never,
    ...{ self: SELF, log: pino({ level: "silent" }) },
  });
  expect([read, signalled]).toEqual([["other"], ["other"]]);
});
