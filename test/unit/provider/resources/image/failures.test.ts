import { expect, test } from "@jest/globals";
import type { Ami } from "../../../../../provider/client/image-ports.js";
import {
  DiagnosticError,
  errorDiagnostic,
  failure,
  InterruptedError,
  type Warning,
} from "../../../../../provider/core/diagnostic.js";
import { newFailures, sayProblems } from "../../../../../provider/resources/image/failures.js";

const refused = () => Promise.reject(failure("aws-refused", "No", "way"));
const common = new DiagnosticError([errorDiagnostic("credentials-missing", "No credentials", "Give some.")], {
  isCommon: true,
});

test("what is refused in a region is why none of its accounts has the image, but for what an account has of its own", async () => {
  const failures = newFailures();
  await failures.ofRegion("us-west-2", "image-copy-failed", refused);
  await failures.ofAccount("us-west-2", "1", () => Promise.reject(failure("aws-refused", "Not", "this one")));
  await failures.ofAccount("us-east-1", "1", async () => undefined);
  expect([failures.hasFailed("us-west-2"), failures.hasFailed("us-east-1")]).toEqual([true, false]);
  expect([
    failures.reason("us-west-2", "1"),
    failures.reason("us-west-2", "2"),
    failures.reason("us-east-1", "1"),
  ]).toEqual(["Not: this one", "No: way", null]);
  expect(failures.all()).toEqual({ code: "image-copy-failed", lines: ["No: way", "Not: this one"] });
});

test.each<[string, Error]>([
  ["missing credentials", common],
  ["an interruption", new InterruptedError("Stopped.")],
  ["an unexpected error", new TypeError("boom")],
])("%s is about everything: it passes, and nothing is noted", async (_name, error) => {
  const failures = newFailures();
  const tried = failures.ofRegion("us-west-2", "image-copy-failed", () => Promise.reject(error));
  await expect(tried).rejects.toBe(error);
  expect([failures.hasFailed("us-west-2"), failures.all()]).toEqual([false, null]);
});

test("all problems are one warning: what was refused, what is late, what EC2 could not do, and the next step", async () => {
  const failures = newFailures();
  await failures.ofAccount("us-east-1", "1", refused);
  failures.isLate("us-west-1");
  const ami = { id: "ami-2", state: "failed", stateReason: null } as Ami;
  const views = [{ region: "us-west-2", ami, accounts: null }];
  const warnings: Warning[] = [];
  sayProblems("mpi-1", failures, views, { warn: (warning: Warning) => warnings.push(warning) } as never);
  const [warning] = warnings;
  expect([warnings.length, warning?.reasonCode]).toEqual([1, "image-share-failed"]);
  expect(warning?.detail.split("\n")).toEqual([
    "No: way",
    "The copy in us-west-1 is still pending; EC2 goes on with it.",
    "The copy in us-west-2 is failed: EC2 gives no reason.",
    expect.stringMatching(/^Next: /),
  ]);
});
