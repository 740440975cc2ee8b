import { describe, expect, test } from "@jest/globals";
import { Value } from "@sinclair/typebox/value";
import { isSameRequest, jobIdFor, newJob, scriptRequest } from "../../../../agent/contract/job.js";
import { clusterPk, JobItem, JobRequest, QUEUE_INDEX } from "../../../../agent/contract/registry.js";
import { jobWrites } from "../../../../agent/contract/writes/job.js";

const CLUSTER = "00000000-0000-4000-8000-00000000000a";
const OTHER = "00000000-0000-4000-8000-00000000000b";
const REQUEST: JobRequest = { command: ["pi.py", "1"], environment: { A: "1", B: "2" } };
const AT = new Date("2026-01-01T00:00:00Z");

describe("a job's id", () => {
  test("follows from the cluster and the key: to submit twice is to submit once", () => {
    expect(jobIdFor(CLUSTER, "k")).toBe(jobIdFor(CLUSTER, "k"));
    expect(jobIdFor(CLUSTER, "k")).toMatch(/^job-[0-9a-f]{20}$/);
  });
  test.each([
    ["another key", CLUSTER, "k2"],
    ["another cluster", OTHER, "k"],
    ["a key that only runs into the cluster's id", CLUSTER.slice(0, -1), "a\nk"],
  ])("differs for %s", (_name, cluster, key) => {
    expect(jobIdFor(cluster, key)).not.toBe(jobIdFor(CLUSTER, "k"));
  });
});

describe("a request", () => {
  test("is the same whatever the order of its keys", () => {
    const turned = { environment: { B: "2", A: "1" }, command: ["pi.py", "1"] };
    expect(isSameRequest(REQUEST, turned)).toBe(true);
  });
  test.each<[string, JobRequest]>([
    ["the order of the words", { ...REQUEST, command: ["1", "pi.py"] }],
    ["a value", { ...REQUEST, environment: { A: "1", B: "3" } }],
    ["one key more", { ...REQUEST, processes: 4 }],
  ])("is another one when it differs in %s", (_name, other) => {
    expect(isSameRequest(REQUEST, other)).toBe(false);
  });
});

describe("a file's text as a request", () => {
  test.each([
    ["/home/ann/pi.py", "pi.py"],
    ["my job.py", "my_job.py"],
    ["_private.py", "private.py"],
    ["jobs/größe.py", "gr__e.py"],
    ["...", "script.py"],
    [`${"x".repeat(200)}.py`, `${"x".repeat(97)}.py`],
  ])("%s runs as %s", (file, name) => {
    const request = scriptRequest(file, "print(1)", ["--n", "3"]);
    expect(request).toEqual({ command: [name, "--n", "3"], script: { name, content: "print(1)" } });
    expect(Value.Check(JobRequest, request)).toBe(true);
  });
});

describe("a new job", () => {
  const job = newJob(CLUSTER, "k", REQUEST, AT);
  test("is valid, queued, and nobody's", () => {
    expect([...Value.Errors(JobItem, job)]).toEqual([]);
    expect(job).toMatchObject({ status: "NEW", phase: "queued", leaseGeneration: 0, cancelRequested: false });
  });
  test("is stored where the head looks for it", () => {
    expect(jobWrites.submit(job)).toMatchObject({ key: { pk: clusterPk(CLUSTER), sk: `JOB#${job.id}` } });
    expect(jobWrites.submit(job).item).toMatchObject({
      [QUEUE_INDEX.hashKey]: clusterPk(CLUSTER),
      [QUEUE_INDEX.rangeKey]: AT.toISOString(),
    });
  });
});
