import { describe, expect, test } from "@jest/globals";
import { requestProblems } from "../../../../agent/contract/job-problems.js";
import { requestRules, ruleProblemOf } from "../../../../agent/contract/job-rules.js";
import { scheduleRules } from "../../../../agent/contract/job-schedule-rules.js";
import { RETRY_LIMITS } from "../../../../agent/contract/retry-policy.js";

const shared = { source: { shared: { path: "/shared/model" } } };
const found = (request: object) =>
  requestRules({ command: ["x"], ...request }).map(({ path }) => path.join("."));

describe("the rules of a request", () => {
  test.each<[string, object]>([
    ["nothing", {}],
    ["a source and parts of it", { ...shared, workingFolder: "a/b", requirements: "requirements.txt" }],
    ["a project", { ...shared, requirements: "a/pyproject.toml" }],
    ["a script", { script: { name: "x", content: "" } }],
    [
      "retries by cause and by code",
      { retries: { count: 1, on: ["failure", "node-loss", "rank-exited", "timed-out"] } },
    ],
    ["no MPI", { mpi: false, onBadNode: "fail" }],
    [
      "MPI with all that is of it",
      { mpi: true, processes: 1, processesPerNode: 1, onRankFailure: "continue" },
    ],
    ["a set-up", { setup: { command: ["/bin/sh", ":"] } }],
    ["more causes than there may be: one problem, the schema's", { retries: { on: Array(33).fill("rain") } }],
    ["what the schema refuses", { workingFolder: 3, ...shared, retries: "x", setup: [], source: 4 }],
    [
      "nulls, as Terraform gives them",
      { workingFolder: null, source: null, script: null, retries: null, mpi: null },
    ],
  ])("pass %s", (_name, request) => expect(found(request)).toEqual([]));

  test.each<[string, object, string[]]>([
    ["a script beside a source", { ...shared, script: { name: "x", content: "" } }, ["source"]],
    ["parts of no source", { workingFolder: "a", requirements: "b" }, ["workingFolder", "requirements"]],
    ["a folder outside", { ...shared, workingFolder: "../a" }, ["workingFolder"]],
    ["an absolute path", { ...shared, requirements: "/etc/passwd" }, ["requirements"]],
    ["a file that nothing is installed from", { ...shared, requirements: "setup.cfg" }, ["requirements"]],
    ["an empty step", { ...shared, workingFolder: "a//b" }, ["workingFolder"]],
    ["a NUL", { ...shared, workingFolder: "a\0" }, ["workingFolder"]],
    ["a cause that there is not", { retries: { count: 1, on: ["failure", "rain"] } }, ["retries.on.1"]],
    [
      "as many causes as there may be",
      { retries: { on: Array(RETRY_LIMITS.causes).fill("rain") } },
      Array.from({ length: RETRY_LIMITS.causes }, (_, index) => `retries.on.${index}`),
    ],
    ["a cluster's reason", { retries: { count: 1, on: ["node-silent"] } }, ["retries.on.0"]],
    ["a NUL in a set-up", { setup: { command: ["/bin/sh", "\0"] } }, ["setup.command.1"]],
    [
      "what needs MPI",
      { mpi: false, processes: 1, processesPerNode: 1, onRankFailure: "abort" },
      ["processes", "processesPerNode", "onRankFailure"],
    ],
  ])("fail: %s", (_name, request, paths) => expect(found(request)).toEqual(paths));

  test("are the request's problems, with the value got", () => {
    expect(
      requestProblems({
        command: ["x"],
        ...shared,
        workingFolder: "..",
        retries: { count: 1, on: ["rain"] },
      }),
    ).toEqual([
      'workingFolder: ".." must have no empty step, no . and no ..',
      'retries.on.0: "rain" must be failure, node-loss or the code of an attempt\'s reason, such as timed-out',
    ]);
  });
});

test("a rule's line is taken apart", () => {
  expect(ruleProblemOf("retries.on.1: got x: y")).toEqual({
    path: ["retries", "on", 1],
    message: "got x: y",
  });
  expect(ruleProblemOf("no place at all: x")).toEqual({ path: [], message: "no place at all: x" });
});

describe("the rules of a schedule", () => {
  test.each<[string, object]>([
    ["a moment", { at: "2027-01-31T06:00:00Z" }],
    ["a moment on a leap day", { at: "2028-02-29T06:00Z" }],
    ["a cron expression", { cron: "30 6 * * 1-5" }],
    ["with a time zone", { cron: "0 2 * * *", timeZone: "Europe/Berlin", ifRunning: "skip" }],
    ["nulls", { at: "2027-01-31T06:00:00.5Z", cron: null, timeZone: null, ifRunning: null }],
  ])("pass %s", (_name, schedule) => expect(scheduleRules({ ...schedule })).toEqual([]));

  test.each<[string, object, string[]]>([
    ["neither", {}, ["cron"]],
    ["both", { at: "2027-01-31T06:00:00Z", cron: "* * * * *" }, ["at"]],
    ["no zone", { at: "2027-01-31T06:00:00" }, ["at"]],
    ["an offset", { at: "2027-01-31T06:00:00+01:00" }, ["at"]],
    ["a day that there is not", { at: "2027-02-31T06:00:00Z" }, ["at"]],
    ["an hour that there is not", { at: "2027-02-01T26:00:00Z" }, ["at"]],
    ["a day alone", { at: "2027-02-01" }, ["at"]],
    ["six fields", { cron: "0 30 6 * * 1" }, ["cron"]],
    ["a zone that there is not", { cron: "* * * * *", timeZone: "Mars/Base" }, ["timeZone"]],
    ["an offset as zone", { cron: "* * * * *", timeZone: "+01:00" }, ["timeZone"]],
    ["a zone beside a moment", { at: "2027-01-31T06:00:00Z", timeZone: "UTC" }, ["timeZone"]],
  ])("fail: %s", (_name, schedule, paths) =>
    expect(scheduleRules({ ...schedule }).map(({ path }) => path.join("."))).toEqual(paths),
  );
});
