import type { CallName, MakeCall, Next, PagedCallName, PreflightCalls } from "./calls.js";
import type { Known, Unknown } from "./facts.js";

/** A call that failed, with the error that the SDK threw. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  readonly call: CallName;
  override readonly cause: Error;

  constructor(call: CallName, cause: Error) {
    super(`${call}: ${cause.name}: ${cause.message}`);
    this.call = call;
    this.cause = cause;
  }
}

/** Credentials that are missing or refused: every call would fail, so that is no finding of a check. */
const NO_CREDENTIALS =
  /CredentialsProviderError|CredentialsError|TokenProviderError|ExpiredToken|RequestExpired|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthenticationToken/;
const DENIED = /AccessDenied|UnauthorizedOperation|NotAuthorized/;
const LATE = /AbortError|TimeoutError/;

/** `make`, whose failures say which call it was; refused credentials are thrown as they are. */
export const namingCalls =
  (make: MakeCall): MakeCall =>
  async (name, input) => {
    try {
      return await make(name, input);
    } catch (error) {
      if (!(error instanceof Error) || NO_CREDENTIALS.test(error.name)) throw error;
      throw new CallFailure(name, error);
    }
  };

/** What `ask` answers, or why it has no answer. Throws all but failures of calls. */
export async function known<T>(ask: () => Promise<T>): Promise<Known<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof CallFailure) return { unknown: unknownBy(error) };
    throw error;
  }
}

/** Why a failed call gives no answer. Pure. */
export function unknownBy({ call, cause }: CallFailure): Unknown {
  if (DENIED.test(cause.name)) return { why: `the credentials lack the right ${call}`, right: call };
  if (LATE.test(cause.name)) return { why: `${call} had no answer in time`, right: null };
  return { why: `${call} answered ${cause.name}: ${cause.message || "no message"}`, right: null };
}

/** An account with more is not looked at further: 20,000 instances. */
const MAX_PAGES = 20;

/** All pages of a list; `pick` has the items of each. */
export async function listAll<Name extends PagedCallName, Item>(
  call: MakeCall,
  name: Name,
  input: PreflightCalls[Name]["input"],
  pick: (page: PreflightCalls[Name]["output"]) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const next = token === undefined ? {} : { NextToken: token };
    const answer = await call(name, { ...input, ...next });
    items.push(...(pick(answer) ?? []));
    token = (answer as Next).NextToken || undefined;
    if (token === undefined) return items;
  }
  throw new CallFailure(name, new Error(`more than ${MAX_PAGES} pages`));
}
