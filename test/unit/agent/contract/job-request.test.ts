import { describe, expect, test } from "@jest/globals";
import {
  environmentProblem,
  variableNameProblem,
  variableProblem,
} from "../../../../agent/contract/job-request.js";

describe("a job's environment variables", () => {
  test("have names of 256 characters at most", () => {
    expect(variableNameProblem("A".repeat(256))).toBeNull();
    expect(variableNameProblem("A".repeat(257))).toBe("must have a name of at most 256 characters");
  });

  test("have values of 32,768 characters at most", () => {
    expect(variableProblem("A", "x".repeat(32_768))).toBeNull();
    expect(variableProblem("A", "x".repeat(32_769))).toBe("must have a value of at most 32768 characters");
  });

  test("take 128 KB together, names and values, as bytes", () => {
    const full = { AA: "x".repeat(65_534), BB: `é${"x".repeat(65_532)}` };
    expect(environmentProblem(full)).toBeNull();
    expect(environmentProblem({ ...full, C: "" })).toMatch(
      /^takes 131073 bytes; a job's variables may take 131072/,
    );
    expect(environmentProblem({ AA: 5, BB: null })).toBeNull();
  });

  test("are 256 at most", () => {
    const of = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`A${n}`, ""]));
    expect(environmentProblem(of(256))).toBeNull();
    expect(environmentProblem(of(257))).toBe("has 257 variables; a job may have 256");
  });
});
