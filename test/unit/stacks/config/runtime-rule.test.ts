import { expect, test } from "@jest/globals";
import { runtimeProblems } from "../../../../stacks/config/runtime-rule.js";

const problemsOf = (instanceType: string, runtime: "mpich" | "intel") =>
  runtimeProblems({ clusters: [{ instanceType, runtime }] });

test.each([
  "a1.4xlarge",
  "m6g.large",
  "c7gn.16xlarge",
  "r8gd.metal-24xl",
  "x2gd.large",
  "im4gn.large",
  "is4gen.large",
  "hpc7g.16xlarge",
  "g5g.xlarge",
  "p6e-gb200.36xlarge",
])("Intel MPI is refused for %s, which is arm64", (type) => {
  expect(problemsOf(type, "intel")).toEqual([
    { path: ["clusters", 0, "runtime"], message: expect.stringContaining(type) },
  ]);
  expect(problemsOf(type, "mpich")).toEqual([]);
});

test.each([
  "c5.xlarge",
  "c7i.large",
  "g4dn.xlarge",
  "g6.xlarge",
  "hpc7a.96xlarge",
  "p5en.48xlarge",
  "c6in.large",
  "u-6tb1.metal",
  "trn1.2xlarge",
  "dl2q.24xlarge",
])("Intel MPI is taken for %s, which is x86-64", (type) => expect(problemsOf(type, "intel")).toEqual([]));
