import { describe, expect, test } from "@jest/globals";
import {
  firstWordProblem,
  jobBytesProblem,
  unusedScriptProblem,
} from "../../../../agent/contract/job-command.js";
import { requestProblems } from "../../../../agent/contract/job-problems.js";
import { MAX_JOB_BYTES } from "../../../../agent/contract/job-request.js";

describe("the command's first word", () => {
  test.each([
    ["a Python file", ["hello.py", "python"]],
    ["a module", ["-m", "python"]],
    ["an option", ["-u", "hello.py"]],
    ["a file that only starts so", ["python_model.py"]],
    ["a folder of that name", ["/opt/python/run.py"]],
    ["nothing yet", []],
  ])("may be %s", (_name, command) => {
    expect(firstWordProblem(command)).toBeNull();
  });

  test("may be the name of the script that travels", () => {
    expect(firstWordProblem(["python"], "python")).toBeNull();
  });

  test.each([
    [["python", "hello.py"], '"hello.py"'],
    [["python3", "-m", "pkg"], '"-m"'],
    [["python3.13", "hello.py"], '"hello.py"'],
    [["/usr/bin/python3", "hello.py"], '"hello.py"'],
    [["mpiexec", "-n", "4", "python3", "hello.py"], '"hello.py"'],
    [["mpiexec.hydra", "-n", "4", "python", "hello.py"], '"hello.py"'],
    [["mpirun", "./a.out"], '"./a.out"'],
    [["srun", "-n", "4", "./a.out"], "a Python file, or with -m and a module"],
    [["python"], "a Python file, or with -m and a module"],
  ])("can't be Muster's own: %j begins with %s", (command, instead) => {
    expect(firstWordProblem(command)).toBe(
      `is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with ${instead}`,
    );
  });

  test("is refused over HTTP, and by the head", () => {
    expect(requestProblems({ command: ["python", "hello.py"] })).toEqual([
      'command.0: "python" is what Muster itself starts (mpiexec -n PROCESSES python COMMAND); begin with "hello.py"',
    ]);
  });
});

describe("a script that travels", () => {
  test.each([[["pi.py", "9"]], [["-m", "pi"]], [["-c", "import pi; pi.main()"]]])(
    "is run by %j",
    (command) => {
      expect(unusedScriptProblem(command, "pi.py")).toBeNull();
    },
  );

  test("is refused where nothing runs it, over HTTP too", () => {
    const request = { command: ["-m", "report"], script: { name: "pi.py", content: "" } };
    expect(requestProblems(request)).toEqual([expect.stringMatching(/^script\.name: "pi\.py" must be one/)]);
  });
});

test("a job must fit into one item of the registry", () => {
  expect(jobBytesProblem({ script: "x".repeat(369_000) })).toBeNull();
  expect(jobBytesProblem({ script: "ä".repeat(200_000) })).toBe(
    "takes 400013 bytes, and a job may have 370000; put the script, or what it reads, on /shared",
  );
});

test("a job may take all the bytes that the registry has for one, and no more", () => {
  const job = (bytes: number) => ({ script: "x".repeat(bytes - JSON.stringify({ script: "" }).length) });
  expect(jobBytesProblem(job(MAX_JOB_BYTES))).toBeNull();
  expect(jobBytesProblem(job(MAX_JOB_BYTES + 1))).toMatch(/^takes 370001 bytes, and a job may have 370000;/);
});
