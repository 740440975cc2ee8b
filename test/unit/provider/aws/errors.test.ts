import { describe, expect, test } from "@jest/globals";
import { type AwsCall, callAws } from "../../../../provider/aws/errors.js";
import { DiagnosticError, InterruptedError } from "../../../../provider/core/diagnostic.js";

const call: AwsCall = {
  doing: "read cluster x",
  region: "eu-west-1",
  signal: new AbortController().signal,
  credentialsRefused: (refusal) => refusal,
};
const failureOf = (error: Error, more: Partial<AwsCall> = {}): Promise<DiagnosticError> =>
  callAws({ ...call, ...more }, () => Promise.reject(error)).catch((thrown) => thrown as DiagnosticError);
const sdkError = (name: string, more: object = {}): Error =>
  Object.assign(new Error("why"), { name, ...more });

describe("an AWS error as a diagnostic", () => {
  test.each([
    ["AccessDeniedException", {}, "permission-missing", "lack this permission", false],
    ["CredentialsProviderError", {}, "credentials-missing", "Give AWS credentials", false],
    ["ResourceNotFoundException", {}, "aws-not-found", "region (eu-west-1)", false],
    ["ThrottlingException", {}, "aws-unavailable", "apply again", true],
    [
      "InternalServerError",
      { $metadata: { httpStatusCode: 503, requestId: "r-1" } },
      "aws-unavailable",
      "(request r-1)",
      true,
    ],
    ["Error", { code: "ECONNREFUSED" }, "aws-unreachable", "AWS_ENDPOINT_URL", true],
    [
      "TypeError",
      { code: "ERR_INVALID_URL", input: "not-a-url" },
      "aws-unreachable",
      'why at "not-a-url"',
      false,
    ],
    [
      "ValidationException",
      { $metadata: { httpStatusCode: 400 } },
      "aws-refused",
      "correct the cause",
      false,
    ],
  ])("%s tells the next step", async (name, more, code, detail, transient) => {
    const error = await failureOf(sdkError(name, more));
    expect(error).toBeInstanceOf(DiagnosticError);
    expect(error.diagnostics[0]).toMatchObject({ code, summary: "Could not read cluster x" });
    expect(error.diagnostics[0]?.detail).toContain(detail);
    expect(error.transient).toBe(transient);
  });

  // What EC2 says of a launch that will fail each time, and of one that may succeed later.
  test.each([
    ["Unsupported", 400, false],
    ["UnsupportedOperation", 400, false],
    ["InvalidParameterCombination", 400, false],
    ["InvalidAMIID.NotFound", 400, false],
    ["VcpuLimitExceeded", 400, false],
    ["UnauthorizedOperation", 403, false],
    ["RequestLimitExceeded", 503, true],
    ["InsufficientInstanceCapacity", 500, true],
  ])("%s of RunInstances is tried again: %s, %s", async (name, httpStatusCode, transient) => {
    const error = await failureOf(sdkError(name, { $metadata: { httpStatusCode } }));
    expect(error.transient).toBe(transient);
  });

  test.each([
    ["ExpiredTokenException", "expired"],
    ["RequestExpired", "expired"],
    ["UnrecognizedClientException", "does not know them"],
    ["InvalidClientTokenId", "does not know them"],
    ["AuthFailure", "does not know them"],
    ["InvalidSignatureException", "does not know them"],
  ])("%s is about the credentials, for every call", async (name, detail) => {
    const error = await failureOf(sdkError(name));
    expect(error.isCommon).toBe(true);
    expect(error.diagnostics[0]).toMatchObject({
      code: "credentials-refused",
      summary: "AWS refuses the credentials",
      detail: expect.stringContaining(detail),
    });
    const first = await failureOf(sdkError(name), { credentialsRefused: () => error });
    expect(first).toBe(error);
  });

  test("what fails because Terraform stopped is an interrupt, not a failure", async () => {
    const abort = new AbortController();
    abort.abort();
    const run = callAws({ ...call, signal: abort.signal }, () => Promise.reject(sdkError("AbortError")));
    await expect(run).rejects.toBeInstanceOf(InterruptedError);
  });
});
