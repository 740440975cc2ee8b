import { expect, test } from "@jest/globals";
import type { Offered } from "../../../../agent/contract/offer.js";
import type { JobItem } from "../../../../agent/contract/registry.js";
import { submitJob } from "../../../../scripts/cli/jobs/submit.js";
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
