import { describe, expect, test } from "@jest/globals";
import { validateConfig } from "../../../../../provider/core/validate.js";
import { type ObjectValue, UNKNOWN, type Value } from "../../../../../provider/core/value.js";
import { jobDefinitionResource } from "../../../../../provider/resources/job-definition/resource.js";
import {
  commandRunsScript,
  commandWords,
  environmentVariables,
  jobFitsRegistry,
  scriptIsText,
} from "../../../../../provider/resources/job-definition/rules.js";

const CONFIG: ObjectValue = {
  cluster_uuid: UNKNOWN,
  name: "nightly",
  command: ["pi.py", "größe"],
  script: null,
  environment: null,
  processes: null,
  timeout: null,
  triggers: null,
  run: null,
  wait: null,
  timeouts: null,
};
const NO_SOURCE = { git: null, s3: null, shared: null, bundle: null };
const S3 = { uri: "s3://models/weather.zip" };
const VARIABLES = Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`V${n}`, ""]));
const script = (name: Value, content: Value = "print(1)"): ObjectValue => ({ name, content });
const problemsOf = (change: ObjectValue) =>
  validateConfig(jobDefinitionResource, { ...CONFIG, ...change } as ObjectValue).map(({ path, detail }) => [
    path?.map((step) => (typeof step === "object" ? Object.values(step)[0] : step)).join("."),
    detail,
  ]);

describe("a job's configuration", () => {
  test.each<[string, ObjectValue]>([
    ["the least", {}],
    ["everything", { script: script("pi.py"), environment: { A_1: "" }, processes: 4, timeout: "168h" }],
    [
      "every field",
      {
        ...{
          mpi: true,
          source: { ...NO_SOURCE, git: { url: UNKNOWN, reference: "v1", credentials: "deploy-key" } },
        },
        ...{
          working_folder: "a",
          requirements: "r.txt",
          setup: { command: ["/bin/true", UNKNOWN], timeout: "5m" },
        },
        runtime: "intel",
        ...{ processes_per_node: 2, on_rank_failure: "continue", on_bad_node: "fail", if_busy: "refuse" },
        ...{ retries: { count: 1, delay: "0s", on: ["node-loss", UNKNOWN] }, job_timeout: "168h" },
        schedule: {
          cron: "0 2 * * *",
          time_zone: "Europe/Berlin",
          starting_deadline: "1h",
          if_running: "queue",
        },
      },
    ],
    ["a part of an unknown source", { source: UNKNOWN, working_folder: "a", script: script("pi.py") }],
    [
      "an ssh URL whose credentials are not known yet",
      { source: { ...NO_SOURCE, git: { url: "ssh://git@github.com/a/b", credentials: UNKNOWN } } },
    ],
    ["a kind of source that may be null", { source: { ...NO_SOURCE, git: UNKNOWN, s3: UNKNOWN } }],
    [
      "values that may be null",
      { mpi: false, processes: UNKNOWN, script: UNKNOWN, schedule: { cron: UNKNOWN } },
    ],
    ["triggers and timeouts", { triggers: { any: "" }, timeouts: { create: "5h" }, run: "manual" }],
    ["nothing known", { command: UNKNOWN, script: UNKNOWN, environment: UNKNOWN, triggers: UNKNOWN }],
    ["a word unknown", { command: ["-m", UNKNOWN], script: script("pi.py") }],
    ["a script's name unknown", { script: script(UNKNOWN, UNKNOWN) }],
    ["a variable unknown", { environment: { A: UNKNOWN }, triggers: { a: UNKNOWN } }],
    ["the longest word", { command: ["x".repeat(4096)] }],
    [
      "as many words as there may be",
      { command: Array(256).fill("x"), setup: { command: Array(256).fill("x") } },
    ],
    ["as many variables", { environment: Object.fromEntries(Object.entries(VARIABLES).slice(0, 256)) }],
    ["the longest variable", { environment: { A: "x".repeat(32_768) } }],
    ["the longest script", { script: script("pi.py", "x".repeat(200_000)) }],
    ["the longest and the shortest time", { timeout: "168h", job_timeout: "1s" }],
    ["the least retries", { retries: { count: 1, delay: "0s" } }],
    ["the most retries", { retries: { count: 10, delay: "1h" } }],
    ["the fewest and the most processes", { processes: 100_000, processes_per_node: 1 }],
    ["the longest deadline", { schedule: { cron: "0 2 * * *", starting_deadline: "168h" } }],
  ])("passes: %s", (_name, change) => expect(problemsOf(change)).toEqual([]));

  test.each<[string, ObjectValue, string, string]>([
    ["no words", { command: [] }, "command", "must have 1 to 256 elements"],
    ["too many words", { command: Array(257).fill("x") }, "command", "1 to 256 elements"],
    ["an empty word", { command: ["pi.py", ""] }, "command.1", "must have 1 to 4096 characters"],
    ["no word at all", { command: [null] }, "command.0", "command[0] must not be null"],
    ["a word too long", { command: ["x".repeat(4097)] }, "command.0", `${"x".repeat(60)}..."`],
    ["mpiexec's colon", { command: ["x", ":"] }, "command.1", "as the start of another program"],
    ["a NUL", { command: ["a\0b"] }, "command.0", "holds a NUL character"],
    [
      "a word of 60 characters, which is shown whole",
      { command: [`${"x".repeat(59)}\0`] },
      "command.0",
      JSON.stringify(`${"x".repeat(59)}\0`),
    ],
    ["python itself", { command: ["python", "pi.py"] }, "command.0", 'begin with "pi.py"'],
    ["python, which is shown", { command: ["python", "pi.py"] }, "command.0", 'command[0] is "python": it'],
    ["a script that nothing runs", { script: script("e.py") }, "script.name", "one element of command"],
    [
      "a script in a folder",
      { command: ["a/pi.py"], script: script("a/pi.py") },
      "script.name",
      "a file name of 1-100",
    ],
    ["a script too long", { script: script("pi.py", "x".repeat(200_001)) }, "script.content", "200001 char"],
    ["a variable's name", { environment: { "1A": "" } }, "environment.1A", "no digit first"],
    ["Muster's variable", { environment: { MUSTER_JOB_ID: "x" } }, "environment.MUSTER_JOB_ID", "by Muster"],
    ["no variable's name", { environment: { "": "x" } }, "environment.", "no digit first"],
    ["a name with =", { environment: { "A=B": "x" } }, "environment.A=B", "no digit first"],
    ["the launcher's variable", { environment: { PMI_RANK: UNKNOWN } }, "environment.PMI_RANK", "launcher"],
    ["too many variables", { environment: VARIABLES }, "environment", "257 variables; a job may have 256"],
    [
      "half a character in a script",
      { script: script("pi.py", "\ud800") },
      "script.content",
      "lone surrogate",
    ],
    ["a variable unset", { environment: { A: null } }, "environment.A", "must not be null"],
    [
      "a variable too long",
      { environment: { A: "x".repeat(32_769) } },
      "environment.A",
      "at most 32768 characters",
    ],
    ["a NUL in a variable", { environment: { A: "\0" } }, "environment.A", "holds a NUL"],
    ["a trigger unset", { triggers: { a: null } }, "triggers.a", "must not be null"],
    ["no process", { processes: 0 }, "processes", "from 1 to 100000"],
    ["part of a process", { processes: 1.5 }, "processes", "must be a whole number"],
    ["no time", { timeout: "0s" }, "timeout", "whole seconds"],
    ["part of a second", { timeout: "1500ms" }, "timeout", "whole seconds"],
    ["more than a week", { timeout: "169h" }, "timeout", "at most 168h"],
    [
      "two sources",
      { source: { ...NO_SOURCE, s3: S3, shared: { path: "/shared" } } },
      "source",
      "exactly one of git",
    ],
    ["no source in it", { source: NO_SOURCE }, "source", "is empty: it must have exactly one of"],
    [
      "a source beside a script",
      { source: { ...NO_SOURCE, s3: S3 }, script: script("pi.py") },
      "source",
      "either",
    ],
    [
      "no bucket",
      { source: { ...NO_SOURCE, s3: { uri: "s3:/x" } } },
      "source.s3.uri",
      "like s3://bucket/key",
    ],
    [
      "a folder that is not shared",
      { source: { ...NO_SOURCE, shared: { path: "/etc" } } },
      "source.shared.path",
      "/shared or",
    ],
    [
      "an ssh URL without credentials",
      { source: { ...NO_SOURCE, git: { url: "ssh://git@github.com/a/b", credentials: null } } },
      "source.git.url",
      "needs `credentials`",
    ],
    ["a part of no source", { working_folder: "a" }, "working_folder", "the job has none"],
    [
      "a part outside of it",
      { source: { ...NO_SOURCE, s3: S3 }, requirements: "../r.txt" },
      "requirements",
      "no ..",
    ],
    ["a set-up without words", { setup: { command: [] } }, "setup.command", "1 to 256 elements"],
    ["a NUL in a set-up", { setup: { command: ["a", "b\0"] } }, "setup.command.1", "NUL"],
    ["processes without MPI", { mpi: false, processes: 2 }, "processes", "without MPI"],
    ["no such policy", { if_busy: "wait" }, "if_busy", "must be one of queue, refuse"],
    ["too many retries", { retries: { count: 11 } }, "retries.count", "from 1 to 10"],
    ["a pause that is too long", { retries: { count: 1, delay: "2h" } }, "retries.delay", "at most 1h"],
    [
      "a cause that there is not",
      { retries: { count: 1, on: ["rain"] } },
      "retries.on.0",
      "must be failure, node-loss",
    ],
    [
      "a schedule of nothing",
      { schedule: { time_zone: "UTC" } },
      "schedule.cron",
      "exactly one of at and cron",
    ],
    ["a moment without a zone", { schedule: { at: "2027-01-01T00:00" } }, "schedule.at", "a moment in UTC"],
    [
      "a zone that there is not",
      { schedule: { cron: "* * * * *", time_zone: "Mars" } },
      "schedule.time_zone",
      "Europe/Berlin",
    ],
    ["another policy", { run: "always" }, "run", "must be one of on_change, manual"],
    ["a wait that is none", { timeouts: { delete: "soon" } }, "timeouts.delete", "must be a duration"],
    ["a bad name", { name: "Größe" }, "name", "2-32 lower-case"],
    ["no UUID", { cluster_uuid: "demo" }, "cluster_uuid", "a cluster's UUID"],
  ])("fails at its path: %s", (_name, change, path, detail) => {
    expect(problemsOf(change)).toEqual([[path, expect.stringContaining(detail)]]);
  });

  test("never shows a variable's value", () => {
    const secret = "hunter2\0";
    expect(JSON.stringify(problemsOf({ environment: { A: secret } }))).not.toContain("hunter2");
  });

  test("fails as a whole if it would not fit into the registry, in whichever part the bytes are", () => {
    const environment = Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [`V${n}`, "x".repeat(32_768)]),
    );
    expect(problemsOf({ environment })).toEqual([["environment", expect.stringContaining("bytes")]]);
    // 200,000 characters, each of two bytes, pass the script's own limit and not this one.
    const umlauts = script("pi.py", "ö".repeat(200_000));
    expect(problemsOf({ script: umlauts })).toEqual([["script", expect.stringContaining("370000")]]);
  });

  test("each rule passes what it is not about", () => {
    const config = { ...CONFIG, script: script("pi.py") } as unknown as Parameters<typeof commandWords>[0];
    for (const rule of [
      commandWords,
      commandRunsScript,
      scriptIsText,
      environmentVariables,
      jobFitsRegistry,
    ]) {
      expect(rule(config)).toEqual([]);
    }
  });
});
