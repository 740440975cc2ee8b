import { describe, expect, test } from "@jest/globals";
import { awsFailure, callAws } from "../../../../provider/aws/errors.js";
import { DiagnosticError, InterruptedError } from "../../../../provider/core/diagnostic.js";

const call = { doing: "read cluster x", region: "eu-west-1", signal: new AbortController().signal };
const sdkError = (name: string, more: object = {}): Error =>
  Object.assign(new Error("why"), { name, ...more });

describe("an AWS error as a diagnostic", () => {
  test.each([
    ["AccessDeniedException", {}, "lack this permission", false],
    ["ExpiredTokenException", {}, "expired", false],
    ["UnrecognizedClientException", {}, "does not know these credentials", false],
    ["CredentialsProviderError", {}, "Give AWS credentials", false],
    ["ResourceNotFoundException", {}, "region (eu-west-1)", false],
    ["ThrottlingException", {}, "apply again", true],
    ["InternalServerError", { $metadata: { httpStatusCode: 503, requestId: "r-1" } }, "(request r-1)", true],
    ["Error", { code: "ECONNREFUSED" }, "apply again", true],
    ["ValidationException", { $metadata: { httpStatusCode: 400 } }, "correct the cause", false],
  ])("%s tells the next step", (name, more, detail, transient) => {
    const error = awsFailure(call, sdkError(name, more)) as DiagnosticError;
    expect(error).toBeInstanceOf(DiagnosticError);
    expect(error.diagnostics[0]?.summary).toBe("Could not read cluster x");
    expect(error.diagnostics[0]?.detail).toContain(detail);
    expect(error.transient).toBe(transient);
  });

  test("what fails because Terraform stopped is an interrupt, not a failure", async () => {
    const abort = new AbortController();
    abort.abort();
    const run = callAws({ ...call, signal: abort.signal }, () => Promise.reject(sdkError("AbortError")));
    await expect(run).rejects.toBeInstanceOf(InterruptedError);
  });
});
