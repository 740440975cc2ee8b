import { DiagnosticError, errorDiagnostic, InterruptedError } from "../core/diagnostic.js";
import type { DiagnosticCode } from "../core/diagnostic-codes.js";
import { endpointOf } from "./endpoint.js";
import type { AwsScope } from "./scope.js";

/** The used parts of an SDK error; to compare with the SDK's own classes, they would have to be loaded. */
interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

export interface AwsCall extends Pick<AwsScope, "region" | "signal" | "credentialsRefused"> {
  /** What was tried, with an id: "read cluster 6f1c...". */
  readonly doing: string;
}

const THROTTLING = /throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown/i;
const NETWORK = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE)|TimeoutError|socket hang up/;

/** Whether the SDK threw the AWS error `name`. */
export const isAwsError = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** For `.catch`: undefined if a conditional write's condition did not hold; rethrows any other error. */
export function unlessRefused(error: unknown): undefined {
  if (isAwsError(error, "ConditionalCheckFailedException")) return undefined;
  throw error;
}

/** Runs an SDK call; its error becomes a diagnostic with the request's id and the next step. */
export async function callAws<T>(call: AwsCall, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (call.signal.aborted) throw new InterruptedError(`Stopped while trying to ${call.doing}.`);
    // Calls look for credentials; a failure to find them is already worded.
    if (error instanceof DiagnosticError) throw error;
    throw awsFailure(call, error);
  }
}

/** An SDK error, worded for a person. Refused credentials give every call the same error: the first call's. */
function awsFailure({ doing, region, credentialsRefused }: AwsCall, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { name, message, code, $metadata } = error as Error & SdkError;
  const request = $metadata?.requestId === undefined ? "" : ` (request ${$metadata.requestId})`;
  const status = $metadata?.httpStatusCode ?? 0;
  const said = `${name}: ${message || code || "no message"}${request}${where(error, status)}`;
  const remedy = REFUSED_CREDENTIALS.find(({ names }) => names.test(name))?.remedy;
  if (remedy !== undefined) {
    const detail = `The call to ${doing} was answered with ${said}. ${remedy}`;
    const refused = errorDiagnostic("credentials-refused", "AWS refuses the credentials", detail);
    return credentialsRefused(new DiagnosticError([refused], { cause: error, isCommon: true }));
  }
  const transient =
    THROTTLING.test(name) || NETWORK.test(`${code ?? name}`) || NETWORK.test(message) || status >= 500;
  const isUnreached = status === 0 && (NETWORK.test(`${code}`) || code === "ERR_INVALID_URL");
  const step: NextStep = isUnreached ? UNREACHED : nextStep(name, region, transient);
  const failed = errorDiagnostic(step.code, `Could not ${doing}`, `${said}. ${step.next}`);
  return new DiagnosticError([failed], { cause: error, transient });
}

/** Where a call went whose answer was not AWS's. An error of AWS itself needs no address. */
function where(error: Error, status: number): string {
  const url = endpointOf(error);
  return url === null || (status > 0 && status < 500) ? "" : ` at ${url}`;
}

/** What AWS's answer means, and what to do. */
interface NextStep {
  readonly code: DiagnosticCode;
  readonly next: string;
}

const UNREACHED: NextStep = {
  code: "aws-unreachable",
  next: "Check that the service is reached there (endpoints of the provider, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_<SERVICE>, the region, a proxy), and apply again; it may also pass by itself.",
};

/** Codes of DynamoDB and SSM, of Auto Scaling and STS, and of EC2. */
const REFUSED_CREDENTIALS = [
  {
    names: /ExpiredToken|RequestExpired/,
    remedy: "They have expired: renew them and apply again.",
  },
  {
    names:
      /UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken/,
    remedy:
      "AWS does not know them: check AWS_ACCESS_KEY_ID, its secret and session token, or the profile; `aws sts get-caller-identity` must work.",
  },
] as const;

function nextStep(name: string, region: string, transient: boolean): NextStep {
  if (/CredentialsProviderError|CredentialsError/.test(name)) {
    return {
      code: "credentials-missing",
      next: "Give AWS credentials: environment variables, a profile (AWS_PROFILE), SSO or a role; `aws sts get-caller-identity` must work.",
    };
  }
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name)) {
    return {
      code: "permission-missing",
      next: "The credentials lack this permission: let their role or user allow it and apply again.",
    };
  }
  if (name === "ResourceNotFoundException") {
    return {
      code: "aws-not-found",
      next: `Deploy the org's stack first, and check that org and region (${region}) are the ones it was deployed with.`,
    };
  }
  if (transient) {
    return {
      code: "aws-unavailable",
      next: "This may pass by itself: apply again. max_retries of the provider raises the number of attempts.",
    };
  }
  return {
    code: "aws-refused",
    next: "Nothing that exists is lost: correct the cause and apply again.",
  };
}
