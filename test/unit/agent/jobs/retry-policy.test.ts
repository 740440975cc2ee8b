import { describe, expect, test } from "@jest/globals";
import { requestProblems } from "../../../../agent/contract/job-problems.js";
import { type JobReasonCode, REASONS } from "../../../../agent/contract/reasons.js";
import type { JobRequest } from "../../../../agent/contract/registry.js";
import { RETRY_CAUSES } from "../../../../agent/contract/retry-policy.js";
import { hasRoom, isRetried, plannedRetry, withoutFailed } from "../../../../agent/jobs/retry-policy.js";
import { HOSTFILE } from "../../../support/agent/jobs.js";

const codesOf = (...on: string[]) =>
  (Object.keys(REASONS) as JobReasonCode[]).filter((code) => isRetried(code, on));

describe("a retry policy", () => {
  test("for the loss of a node includes what happens to nodes, and to what Muster runs on them", () => {
    expect(codesOf("node-loss")).toEqual([
      ...[
        "preflight-failed",
        "mpiexec-not-started",
        "no-nodes",
        "nodes-unreachable",
        ...["node-image-differs", "node-runtime-differs", "node-cores-differ", "node-shared-differs"],
        ...["node-cgroup-missing", "head-lost", "node-lost"],
      ],
      ...["node-interrupted", "proxy-killed", "mpiexec-killed", "exit-code-unknown"],
    ]);
  });

  test("for a failure includes those of the program and its source", () => {
    expect(codesOf("failure")).toEqual(
      expect.arrayContaining(["source-failed", "rank-exited", "rank-killed", "rank-out-of-memory"]),
    );
    expect(codesOf("failure").filter((code) => codesOf("node-loss").includes(code))).toEqual([]);
  });

  test.each<JobReasonCode>(["timed-out", "too-many-processes"])("includes %s only by its name", (code) => {
    expect(codesOf(...RETRY_CAUSES)).not.toContain(code);
    expect(codesOf(code)).toEqual([code]);
  });

  test.each<JobReasonCode>([
    "cancelled-on-request",
    "cancelled-with-definition",
    "job-timed-out",
    "job-request-invalid",
    "job-item-unreadable",
  ])("never includes %s, whatever it names", (code) => {
    expect(isRetried(code, [...RETRY_CAUSES, code])).toBe(false);
  });

  test("that names nothing is for the loss of a node", () => {
    expect(isRetried("node-lost")).toBe(true);
    expect(isRetried("rank-exited")).toBe(false);
    expect(isRetried(null)).toBe(false);
  });
});

describe("the next attempt", () => {
  const endedAt = "2026-01-01T00:00:00.000Z";
  const end = { attempt: 1, status: "FAILED", reasonCode: "node-lost", endedAt } as const;
  const inSeconds = (seconds: number) => new Date(Date.parse(endedAt) + seconds * 1_000);

  test.each<[string, JobRequest["retries"], Partial<Parameters<typeof plannedRetry>[1]>, Date | null]>([
    ["comes after 10 s", { count: 1 }, {}, inSeconds(10)],
    ["comes after the delay that is asked for", { count: 1, delaySeconds: 0 }, {}, inSeconds(0)],
    [
      "waits until the lost head's other nodes have ended their ranks",
      { count: 1 },
      { reasonCode: "head-lost" },
      inSeconds(40),
    ],
    [
      "waits longer where that is asked for",
      { count: 1, delaySeconds: 90 },
      { reasonCode: "head-lost" },
      inSeconds(90),
    ],
    ["is the last that the count allows", { count: 2 }, { attempt: 2 }, inSeconds(10)],
    ["is none without a policy", undefined, {}, null],
    ["is none after as many as are allowed", { count: 2 }, { attempt: 3 }, null],
    ["is none for another cause", { count: 1 }, { reasonCode: "rank-exited" }, null],
    [
      "is none after a success",
      { count: 1, on: ["failure"] },
      { status: "FINISHED", reasonCode: null },
      null,
    ],
    [
      "is none after a cancel",
      { count: 1 },
      { status: "CANCELLED", reasonCode: "cancelled-on-request" },
      null,
    ],
    [
      "is none for a time-out that is not named",
      { count: 1, on: ["failure"] },
      { reasonCode: "timed-out" },
      null,
    ],
    [
      "is one for a time-out that is named",
      { count: 1, on: ["timed-out"] },
      { reasonCode: "timed-out" },
      inSeconds(10),
    ],
  ])("%s", (_name, retries, change, expected) => {
    const request = retries === undefined ? {} : { retries };
    expect(plannedRetry(request, { ...end, ...change })).toEqual(expected);
  });
});

describe("the nodes of the next attempt", () => {
  const addressesFor = (processes: number | undefined, ...failed: string[]) =>
    withoutFailed(processes === undefined ? {} : { processes }, HOSTFILE, failed)?.nodes.map(
      (n) => n.address,
    );

  test.each<[string, number | undefined, string[], string[]]>([
    ["are all, where none failed", undefined, [], ["10.0.0.1", "10.0.0.2"]],
    ["are the others", undefined, ["10.0.0.2"], ["10.0.0.1"]],
    ["are the others, if they have the cores", 2, ["10.0.0.2"], ["10.0.0.1"]],
    ["are all, if the others have too few cores", 3, ["10.0.0.2"], ["10.0.0.1", "10.0.0.2"]],
    ["leave out the last that failed, where all have failed once", 2, ["10.0.0.1", "10.0.0.2"], ["10.0.0.1"]],
    ["are all, where the one that failed is gone", 4, ["10.0.0.9"], ["10.0.0.1", "10.0.0.2"]],
  ])("%s", (_name, processes, failed, expected) => {
    expect(addressesFor(processes, ...failed)).toEqual(expected);
  });

  test("are all, if the others take too few processes each, although they have the cores", () => {
    const request = { processes: 2, processesPerNode: 1 };
    expect(withoutFailed(request, HOSTFILE, ["10.0.0.2"])).toEqual(HOSTFILE);
    expect(hasRoom({ ...request, processes: 3 }, HOSTFILE)).toBe(false);
  });

  test("are all of a job without MPI, which runs on the head wherever an attempt failed", () => {
    expect(withoutFailed({ mpi: false }, HOSTFILE, ["10.0.0.1"])).toEqual(HOSTFILE);
  });

  test("are none without a hostfile", () => {
    expect(withoutFailed({}, null, ["10.0.0.1"])).toBeNull();
    expect(hasRoom({}, null)).toBe(false);
    expect(hasRoom({ processes: 5 }, HOSTFILE)).toBe(false);
    expect(hasRoom({ processes: 4 }, HOSTFILE)).toBe(true);
  });
});

describe("a policy's words", () => {
  const problemsOf = (retries: object) => requestProblems({ command: ["pi.py"], retries });

  test("are causes and codes of attempts' reasons", () => {
    expect(problemsOf({ count: 3, on: ["failure", "node-loss", "timed-out", "rank-killed"] })).toEqual([]);
    expect(problemsOf({ count: 1, delaySeconds: 0 })).toEqual([]);
  });

  test.each(["faliure", "cancelled-on-request", "job-timed-out", "cluster-closed", "constructor"])(
    "are not %s: a problem that names it",
    (word) => {
      expect(problemsOf({ count: 1, on: ["failure", word] })).toEqual([
        `retries.on.1: "${word}" must be failure, node-loss or the code of an attempt's reason, such as timed-out`,
      ]);
    },
  );

  test.each<[string, object, RegExp]>([
    ["no list", { count: 1, on: "failure" }, /^retries\.on: got "failure"/],
    ["an empty list", { count: 1, on: [] }, /^retries\.on: got a list of 0/],
    ["a list that is too long", { count: 1, on: Array(33).fill("x") }, /^retries\.on: got a list of 33/],
    ["too many retries", { count: 11 }, /^retries\.count: got 11/],
  ])("and numbers have limits: %s", (_name, retries, problem) => {
    expect(problemsOf(retries)).toEqual([expect.stringMatching(problem)]);
  });
});
