import { CommandError, failure, NoRightsError, TransientError } from "../core/exit.js";

/** What an error message names besides the error itself. */
export interface CallContext {
  readonly region: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts every call, which then throws its reason. */
  readonly signal: AbortSignal;
  /** The service as AWS's variables spell it: DYNAMODB, S3, SSM. */
  readonly service: string;
  /** Where the last request of the client went: "http://127.0.0.1:4566"; null before the first. */
  endpoint(): string | null;
}

/** The parts of an SDK's error that are used. */
interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** A better message for an error of this call; null: the usual one. */
export type Explain = (error: SdkError) => Promise<CommandError | null>;

/** Runs an SDK call; its error becomes a CommandError that says what was tried (`doing`), where, and the next step. */
export async function runAwsCall<T>(
  context: CallContext,
  doing: string,
  run: () => Promise<T>,
  explain: Explain = async () => null,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    throw (await explain(error)) ?? awsError(context, doing, error);
  }
}

const THROTTLING = /throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown/i;
const NETWORK =
  /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOST|ENETUNREACH|ETIMEDOUT|EPIPE|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)|TimeoutError|socket hang up/;
const NO_CREDENTIALS = /CredentialsProviderError|CredentialsError|TokenProviderError/;
const REFUSED =
  /ExpiredToken|RequestExpired|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken/;

function awsError(context: CallContext, doing: string, error: SdkError): CommandError {
  const { name, message, code = "", $metadata } = error;
  const request = $metadata?.requestId === undefined ? "" : ` (request ${$metadata.requestId})`;
  const said = `${name}: ${message || code || "no message"}${request}`;
  if (NO_CREDENTIALS.test(name)) return noCredentials(context, doing, message);
  if (REFUSED.test(name)) {
    return new NoRightsError(
      `Could not ${doing}: AWS refuses the credentials${ofProfile(context)}: ${said}. ${identityMustWork(context)}`,
    );
  }
  if (/AccessDenied|UnauthorizedOperation|NotAuthorized/.test(name)) {
    return new NoRightsError(
      `Could not ${doing}: ${said}. The credentials${ofProfile(context)} lack this permission: add it to their role or user.`,
    );
  }
  const where = endpointWords(context);
  if (NETWORK.test(code) || NETWORK.test(name) || NETWORK.test(message)) {
    return new TransientError(
      `Could not ${doing}: ${where} does not answer (${message || code}). ${endpointHint(context)}`,
      { cause: error },
    );
  }
  const status = $metadata?.httpStatusCode ?? 0;
  if (THROTTLING.test(name) || status >= 500) {
    return new TransientError(`Could not ${doing}: ${where} answered ${said}. Try again in a moment.`, {
      cause: error,
    });
  }
  if (isNoAws(error, context)) {
    return failure(`Could not ${doing}: ${where} is not an AWS endpoint (${said}). ${endpointHint(context)}`);
  }
  return failure(`Could not ${doing}: ${where} answered ${said}.`);
}

function noCredentials(context: CallContext, doing: string, message: string): CommandError {
  const profile = profileOf(context);
  const found =
    profile === null
      ? "there are no AWS credentials"
      : `profile "${profile}" (AWS_PROFILE) gives no AWS credentials`;
  const why = message.replace(/\.?\s*$/, ".");
  return new NoRightsError(`Could not ${doing}: ${found}: ${why} ${identityMustWork(context)}`);
}

const identityMustWork = (context: CallContext): string => {
  const profile = profileOf(context);
  const command = `aws sts get-caller-identity${profile === null ? "" : ` --profile ${profile}`}`;
  return `Set credentials that work (environment variables, AWS_PROFILE, SSO, a role): \`${command}\` must succeed.`;
};

const profileOf = ({ env }: CallContext): string | null => env["AWS_PROFILE"] || null;
const ofProfile = (context: CallContext): string => {
  const profile = profileOf(context);
  return profile === null ? "" : ` of profile "${profile}" (AWS_PROFILE)`;
};

/** The variable that names the endpoint, if one does. */
function endpointVariable({ env, service }: CallContext): string | null {
  const names = [`AWS_ENDPOINT_URL_${service}`, "AWS_ENDPOINT_URL"];
  return names.find((name) => (env[name] ?? "") !== "") ?? null;
}

function endpointWords(context: CallContext): string {
  const variable = endpointVariable(context);
  const url =
    context.endpoint() ??
    (variable === null ? `${context.service} in ${context.region}` : context.env[variable]);
  return variable === null ? `${url}` : `${url} (${variable})`;
}

function endpointHint(context: CallContext): string {
  const variable = endpointVariable(context);
  return variable === null
    ? `Check the network, and that ${context.region} is the region's name.`
    : `Check ${variable}; unset it for AWS itself.`;
}

/** The answer was not AWS's, or the address is not a URL: the SDK's error then has no AWS error code. */
const isNoAws = ({ name }: SdkError, context: CallContext): boolean =>
  endpointVariable(context) !== null && ["SyntaxError", "TypeError", "UnknownError"].includes(name);
