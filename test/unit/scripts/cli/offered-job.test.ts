import { expect, test } from "@jest/globals";
import type { Offered } from "../../../../agent/contract/offer.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { createNudges } from "../../../../scripts/cli/access/agents.js";
import { clusterForJob, planJob, submitJob } from "../../../../scripts/cli/jobs/submit.js";
import { clusterItem } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";

const job = queuedJob();
const started: JobItem = { ...job, status: "INPROGRESS", phase: "launching" };

/** The calls of a submission whose offer comes to `offered`, while the registry has `there`. */
async function submission(offered: Offered, there: JobItem | null) {
  const calls: string[] = [];
  const call = <T>(name: string, value: T) => {
    calls.push(name);
    return Promise.resolve(value);
  };
  const result = await submitJob(
    {
      offer: () => call("offer", offered),
      queue: () => call("queue", []),
      submit: () => call("submit", there === null),
      read: () => call("read", there),
      refuse: () => call("refuse", true),
      wake: () => call("wake", null),
    },
    job,
    () => new Date(0),
  );
  return { result, calls };
}

test("a job that the head has started is in the registry: nothing else is written or read", async () => {
  const { result, calls } = await submission({ is: "started", job: started }, started);
  expect(result).toEqual({ job: started, isNew: true });
  expect(calls).toEqual(["offer", "wake"]);
});

test.each<[string, Offered, JobItem | null, boolean, readonly string[]]>([
  ["was not taken is submitted", null, null, true, ["offer", "queue", "submit", "wake"]],
  ["is known is found", { is: "known" }, job, false, ["offer", "queue", "submit", "read", "wake"]],
  // The head's answer was lost: it may have started it.
  [
    "was started without an answer is found",
    null,
    started,
    false,
    ["offer", "queue", "submit", "read", "wake"],
  ],
])("a job that %s", async (_name, offered, there, isNew, wanted) => {
  const { result, calls } = await submission(offered, there);
  expect(result).toEqual({ job: there ?? job, isNew });
  expect(calls).toEqual(wanted);
});

test.each([
  ["its UUID begins before the cluster is read", clusterItem().uuid, ["approach", "read", "approach"]],
  ["its name begins once its UUID is known", clusterItem().name, ["named", "approach"]],
])("the search for the head of a cluster by %s", async (_what, cluster, wanted) => {
  const calls: string[] = [];
  const found = clusterItem();
  const note = <T>(name: string, value: T) => {
    calls.push(name);
    return value;
  };
  const clusters = { read: async () => note("read", found), named: async () => note("named", found) };
  const access = {
    clusters: clusters as never,
    account: { caller: async () => "arn:me" } as never,
    jobs: { approach: () => note("approach", undefined) },
  };
  const place = { org: "demo", region: "us-east-1", cluster };
  expect(await clusterForJob(access, place, new Date(0))).toEqual({ cluster: found, submittedBy: "arn:me" });
  expect(calls).toEqual(wanted);
});

test("a job's time of submission is when the way to the head is found, or nobody waits for it any more", async () => {
  let atMs = 0;
  const jobs = {
    definition: async () => null,
    approached: async () => {
      atMs = 90;
    },
  };
  const options = { key: "k", now: () => new Date(atMs), submittedBy: null };
  const planned = await planJob(jobs, clusterItem(), { request: job.request }, options);
  expect(Date.parse(planned.submittedAt)).toBe(90);
});

test("a way to the head that is not found in a moment is waited for once", async () => {
  let leases = 0;
  const nudges = createNudges({
    readLease: () => {
      leases += 1;
      return new Promise(() => {});
    },
    readSecret: async () => null,
  });
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const sinceMs = performance.now();
    // Nothing else keeps this process from its end.
    const stay = setInterval(() => {}, 10);
    await work;
    clearInterval(stay);
    return performance.now() - sinceMs;
  };
  expect(await timed(nudges.approached(job.clusterUuid))).toBeGreaterThan(100);
  expect(await timed(nudges.offer(job))).toBeLessThan(100);
  expect(leases).toBe(1);
});
