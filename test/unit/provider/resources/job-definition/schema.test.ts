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
    ["triggers and timeouts", { triggers: { any: "" }, timeouts: { create: "5h" }, run: "manual" }],
    ["nothing known", { command: UNKNOWN, script: UNKNOWN, environment: UNKNOWN, triggers: UNKNOWN }],
    ["a word unknown", { command: ["-m", UNKNOWN], script: script("pi.py") }],
    ["a script's name unknown", { script: script(UNKNOWN, UNKNOWN) }],
    ["a variable unknown", { environment: { A: UNKNOWN }, triggers: { a: UNKNOWN } }],
    ["the longest word", { command: ["x".repeat(4096)] }],
  ])("passes: %s", (_name, change) => expect(problemsOf(change)).toEqual([]));

  test.each<[string, ObjectValue, string, string]>([
    ["no words", { command: [] }, "command", "must have 1 to 256 elements"],
    ["too many words", { command: Array(257).fill("x") }, "command", "1 to 256 elements"],
    ["an empty word", { command: ["pi.py", ""] }, "command.1", "must have 1 to 4096 characters"],
    ["no word at all", { command: [null] }, "command.0", "command[0] must not be null"],
    ["a word too long", { command: ["x".repeat(4097)] }, "command.0", `${"x".repeat(60)}..."`],
    ["mpiexec's colon", { command: ["x", ":"] }, "command.1", "as the start of another program"],
    ["a NUL", { command: ["a\0b"] }, "command.0", "holds a NUL character"],
    ["python itself", { command: ["python", "pi.py"] }, "command.0", 'begin with "pi.py"'],
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
