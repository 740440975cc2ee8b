import { describe, expect, test } from "@jest/globals";
import { Type } from "@sinclair/typebox";
import { attemptOf } from "../../../../agent/contract/job-attempt.js";
import {
  isAttempt,
  jobItemProblem,
  queuedJobProblem,
  requestProblems,
  shownJobProblem,
} from "../../../../agent/contract/job-problems.js";
import {
  listProblems,
  MAX_PROBLEMS,
  renderReason,
  schemaProblems,
} from "../../../../agent/contract/problems.js";
import * as registry from "../../../../agent/contract/registry.js";
import { CLUSTER_UUID } from "../../../support/agent/cluster-item.js";
import { queuedJob } from "../../../support/agent/jobs.js";

/** As it comes over HTTP: `__proto__` is an ordinary key. */
const environment = (json: string) => ({ command: ["x"], environment: JSON.parse(json) as unknown });

describe("a request", () => {
  test("that names a choice which there is not is told all that there are", () => {
    const request = {
      command: ["x"],
      onRankFailure: "explode",
      onBadNode: "x",
      ifBusy: "",
      runtime: "openmpi",
    };
    expect(requestProblems(request)).toEqual([
      'runtime: got "openmpi"; expected one of mpich, intel',
      'onRankFailure: got "explode"; expected one of abort, continue',
      'onBadNode: got "x"; expected one of fail, continue',
      'ifBusy: got ""; expected one of queue, refuse',
    ]);
  });

  test.each<[string, unknown]>([
    [
      "a script, words and processes",
      { command: ["pi.py"], script: { name: "pi.py", content: "print(1)" }, processes: 4 },
    ],
    ["every variable that it may have", environment(JSON.stringify(variables(256, "x")))],
    [
      "requirements of a source, and a set-up",
      {
        command: ["x"],
        source: { shared: { path: "/shared/app" } },
        requirements: "a/pyproject.toml",
        setup: { command: ["./get", "data"], timeoutSeconds: 60 },
      },
    ],
    ["any characters, whole ones", { command: ["größe", "😀", "\n"], environment: { A: "😀\n" } }],
  ])("that is fine has no problems: %s", (_name, request) => {
    expect(requestProblems(request)).toEqual([]);
  });

  test.each<[string, unknown, string[]]>([
    ["a colon, which would start a second program", { command: ["a.py", ":", "-n"] }, ["command.1"]],
    ["a NUL", { command: ["a\0b"] }, ["command.0"]],
    ["half a character", { command: ["a\ud83d"] }, ["command.0"]],
    ["a word that is none", { command: ["a", 7] }, ["command.1"]],
    [
      "half a character in a script",
      { command: ["x"], script: { name: "x", content: "\ude00" } },
      ["script.content"],
    ],
    [
      "a script that leaves its folder",
      { command: ["x"], script: { name: "../x", content: "" } },
      ["script.name"],
    ],
    ["requirements without a source", { command: ["x"], requirements: "requirements.txt" }, ["requirements"]],
    [
      "requirements of a script",
      { command: ["x"], script: { name: "x", content: "" }, requirements: "requirements.txt" },
      ["requirements"],
    ],
    [
      "requirements in a file that is none",
      { command: ["x"], source: { shared: { path: "/shared/app" } }, requirements: "setup.py" },
      ["requirements"],
    ],
    ["a NUL in the set-up", { command: ["x"], setup: { command: ["a", "b\0c"] } }, ["setup.command.1"]],
    ["a NUL in the environment", environment('{"A":"\\u0000"}'), ["environment.A"]],
    ["half a character in the environment", environment('{"A":"\\ud800"}'), ["environment.A"]],
    ["no name", environment('{"":"x"}'), ['environment.""']],
    ["a name with =", environment('{"A=B":"x"}'), ['environment."A=B"']],
    ["a name with a line's end", environment('{"A\\n":"x"}'), ['environment."A\\n"']],
    ["a name with a NUL", environment('{"A\\u0000":"x"}'), ['environment."A\\u0000"']],
    ["a name with half a character", environment('{"A\\ud800":"x"}'), ['environment."A\\ud800"']],
    ["a digit first", environment('{"1A":"x"}'), ["environment.1A"]],
    ["__proto__", environment('{"__proto__":"x"}'), ["environment.__proto__"]],
    ["constructor", environment('{"constructor":"x"}'), ["environment.constructor"]],
    [
      "a name that is endless",
      environment(JSON.stringify({ ["A".repeat(300)]: "x" })),
      [`environment."${"A".repeat(60)}"... (300 characters)`],
    ],
    ["our own variable", environment('{"MUSTER_JOB_ID":"x"}'), ["environment.MUSTER_JOB_ID"]],
    ["any other of ours", environment('{"MUSTER_LAUNCH_SOCKET":"x"}'), ["environment.MUSTER_LAUNCH_SOCKET"]],
    ["mpiexec's variable", environment('{"HYDRA_LAUNCHER":"fork"}'), ["environment.HYDRA_LAUNCHER"]],
    ["the launcher's variable", environment('{"PMI_RANK":"1"}'), ["environment.PMI_RANK"]],
    ["the proxy's variable", environment('{"HYDI_CONTROL_FD":"1"}'), ["environment.HYDI_CONTROL_FD"]],
    ["a number", environment('{"OMP_NUM_THREADS":4}'), ["environment.OMP_NUM_THREADS"]],
    ["too many variables", environment(JSON.stringify(variables(257, ""))), ["environment"]],
    [
      "variables too large together",
      environment(JSON.stringify(variables(5, "x".repeat(30_000)))),
      ["environment"],
    ],
    ["an environment that is a list", { command: ["x"], environment: ["A=B"] }, ["environment"]],
    ["an environment that is a text", { command: ["x"], environment: "A=B" }, ["environment"]],
    ["a key of its prototype", JSON.parse('{"command":["x"],"__proto__":{"processes":4}}'), ["__proto__"]],
    ["endless processes", { command: ["x"], processes: Number.POSITIVE_INFINITY }, ["processes"]],
    ["all problems at once", { command: [], processes: 0, shell: true }, ["command", "processes", "shell"]],
    ["no request at all", undefined, ["request"]],
    ["a list", [], ["request"]],
  ])("fails on %s", (_name, request, paths) => {
    const named = requestProblems(request).map((problem) => problem.split(": ")[0]);
    expect(new Set(named)).toEqual(new Set(paths));
  });

  test("says where, what it got and what is expected", () => {
    expect(requestProblems({ command: ["x", 7], processes: "4" })).toEqual([
      "command.1: got 7; expected string",
      'processes: got "4"; expected integer',
    ]);
  });

  test("says of words that are none nothing else, whatever program they would be", () => {
    expect(requestProblems({ command: ["python", 7] })).toEqual(["command.1: got 7; expected string"]);
  });

  test("says of a source's credentials that they are no name", () => {
    const git = { url: "https://github.com/acme/model", credentials: 3 };
    expect(requestProblems({ command: ["x"], source: { git } })).toEqual([
      "source.git.credentials: got 3; expected string",
    ]);
  });

  test("never shows a secret in the address of a source", () => {
    const problems = requestProblems({
      command: ["x"],
      source: { git: { url: "https://ada:hunter2@example.com/a/b", depth: 1 } },
    });
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain("hunter2");
  });

  test("never shows a variable's value", () => {
    const problems = requestProblems({ command: ["x"], environment: { A: "hunter2\0", B: "hunter2\ud800" } });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain("hunter2");
  });

  test.each<[string, unknown, number]>([
    ["wrong words", { command: Array(490_000).fill(7) }, 1],
    ["wrong words, as many as there may be", { command: Array(256).fill(7) }, MAX_PROBLEMS + 1],
    ["variables", environment(JSON.stringify(variables(50_000, ""))), 1],
    [
      "wrong variables",
      environment(JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`=${n}`, 1])))),
      MAX_PROBLEMS + 1,
    ],
    ["keys", { command: ["x"], ...variables(50_000, "") }, MAX_PROBLEMS + 1],
    [
      "long keys",
      {
        command: ["x"],
        ...Object.fromEntries(
          Array.from({ length: 200 }, (_, n) => [`\0${n}`.repeat(2_000), "\0".repeat(9_000)]),
        ),
      },
      MAX_PROBLEMS + 1,
    ],
  ])("with half a million of %s has a short list of problems", (_name, request, lines) => {
    const problems = requestProblems(request);
    expect(problems).toHaveLength(lines);
    expect(Buffer.byteLength(problems.join("; "))).toBeLessThan(64_000);
  });
});

function variables(count: number, value: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`V${n}`, value]));
}

describe("problems", () => {
  test("are counted where they are too many, and no more of them are looked for than needed", () => {
    expect(listProblems(Array(103).fill("x")).at(-1)).toBe("and 3 more");
    let asked = 0;
    function* endless() {
      for (;;) {
        asked += 1;
        yield "x";
      }
    }
    expect(listProblems(endless()).at(-1)).toBe("and at least 900 more");
    expect(asked).toBe(1_000);
  });

  test("make a reason of one bounded line", () => {
    expect(renderReason("invalid", ["a", "b"])).toBe("invalid: a; b");
    expect(renderReason("invalid", Array(500).fill("a problem"))).toHaveLength(2_000);
  });
});

describe("an item of the registry", () => {
  const job = queuedJob("k");
  test("that is a job has no problem, even with an invalid request", () => {
    expect(jobItemProblem(job, job.id, CLUSTER_UUID)).toBeNull();
    expect(queuedJobProblem(job, job.id)).toBeNull();
    expect(jobItemProblem({ ...job, request: { command: 5 } }, job.id, CLUSTER_UUID)).toBeNull();
  });

  test("that is a job can be shown where its request has the form of one", () => {
    expect(shownJobProblem(job, job.id, CLUSTER_UUID)).toBeNull();
    expect(shownJobProblem({ ...job, id: "../x" }, job.id, CLUSTER_UUID)).toMatch(/^id: /);
    expect(shownJobProblem({ ...job, request: { command: 5 } }, job.id, CLUSTER_UUID)).toMatch(/command/);
  });

  test("is an attempt's record in its form and with a job's status", () => {
    const record = attemptOf({ ...job, status: "INPROGRESS", attempt: 1 });
    expect(isAttempt(record)).toBe(true);
    expect(isAttempt({ ...record, status: "RUNNING" })).toBe(false);
    expect(isAttempt({ ...record, number: "1" })).toBe(false);
    expect([attemptOf(job), isAttempt(null)]).toEqual([null, false]);
  });

  test.each<[string, unknown]>([
    ["nothing", {}],
    ["a status that there is not", { ...job, status: "RUNNING" }],
    ["a generation that is a text", { ...job, leaseGeneration: "1" }],
    ["another job's id", { ...job, id: "../../etc" }],
    ["another cluster's", { ...job, clusterUuid: "../.." }],
    ["no request", { ...job, request: undefined }],
    ["lines that are none", { ...job, lastLines: "x" }],
  ])("fails on %s, in one short line", (_name, item) => {
    const problem = jobItemProblem(item, job.id, CLUSTER_UUID);
    expect(problem).toEqual(expect.stringMatching(/^[\w"]+: .{1,200}$/));
  });
});

test("no record of the contract lets a key pass that its pattern does not match", () => {
  const records: string[] = [];
  const open = (value: unknown, path: string): string[] => {
    if (typeof value !== "object" || value === null) return [];
    const isRecord = "patternProperties" in value;
    if (isRecord) records.push(path);
    const isOpen = isRecord && (value as { additionalProperties?: unknown }).additionalProperties !== false;
    return [
      ...(isOpen ? [path] : []),
      ...Object.entries(value).flatMap(([key, inner]) => open(inner, `${path}.${key}`)),
    ];
  };
  const schemas = Object.entries(registry).filter(([, value]) => typeof value === "object");
  expect(schemas.flatMap(([name, schema]) => open(schema, name))).toEqual([]);
  expect(records).toContain("JobRequest.properties.environment");
  const { tags } = registry.ClusterItem.properties;
  expect([...schemaProblems(Type.Object({ tags }), { tags: { "a\nb": 5 } })]).toHaveLength(1);
});
