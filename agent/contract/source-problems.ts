import { gitPlaceOf, referenceChoices, referenceProblem, withoutSecrets } from "./git-place.js";
import { SHARED_ROOT } from "./names.js";
import { shownValue } from "./shown-value.js";
import { CREDENTIALS_NAME_PATTERN, innerPathProblem } from "./source-policy.js";

type Fields = Readonly<Record<string, unknown>>;

/**
 * What no schema can say of a job's source: each problem names the place, the value got and what is allowed. A value that may hold a secret is
 * not shown. Parts that have the wrong type are the schema's to report. Pure.
 */
export function* sourceProblems(source: unknown): Generator<string> {
  if (!isFields(source)) return;
  const { git, s3, shared } = source;
  if (isFields(git)) yield* gitProblems(git);
  if (isFields(s3) && typeof s3["uri"] === "string") yield* uriProblems(s3["uri"]);
  if (isFields(shared) && typeof shared["path"] === "string") yield* sharedProblems(shared["path"]);
}

/** A source as its schema's problems may show it: without what may be secret. Pure. */
export function shownSource(source: unknown): unknown {
  if (!isFields(source) || !isFields(source["git"])) return source;
  const { url, credentials, ...git } = source["git"];
  return {
    ...source,
    git: {
      ...git,
      ...(url === undefined ? {} : { url: typeof url === "string" ? withoutSecrets(url) : url }),
      // sourceProblems looks at it: the token itself may be there.
      ...(credentials === undefined || typeof credentials === "string" ? {} : { credentials }),
    },
  };
}

function* gitProblems({ url, reference, credentials }: Fields): Generator<string> {
  const isNamed = typeof credentials === "string";
  if (isNamed && !new RegExp(CREDENTIALS_NAME_PATTERN).test(credentials))
    yield "source.git.credentials: is no name of Git credentials: give the name that `muster git-credentials list` shows, never a password or token";
  const named = typeof reference === "string" ? reference : undefined;
  const spoilt = named === undefined ? null : referenceProblem(named);
  if (spoilt !== null) yield `source.git.reference: ${shownValue(named)} ${spoilt}`;
  if (typeof url !== "string") return;
  const place = gitPlaceOf(url);
  const at = `source.git.url: ${shownValue(withoutSecrets(url))}`;
  if ("problem" in place) {
    yield `${at} ${place.problem}`;
    return;
  }
  if (place.scheme === "ssh" && !isNamed)
    yield `${at} needs \`credentials\`: an ssh key, and the host's own key, which are kept together (muster git-credentials set)`;
  if (spoilt !== null || referenceChoices(place.rest, named).length > 0) return;
  yield named === undefined
    ? `${at} names no valid reference`
    : `${at} names another reference than source.git.reference (${shownValue(named)}); give it in one of the two`;
}

function* uriProblems(uri: string): Generator<string> {
  if (/\p{Cc}/u.test(uri)) yield `source.s3.uri: ${shownValue(uri)} must hold no control character`;
}

function* sharedProblems(path: string): Generator<string> {
  const inner = path.slice(SHARED_ROOT.length).replace(/^\//, "");
  const problem = inner === "" ? null : innerPathProblem(inner);
  if (problem === null && !/\p{Cc}/u.test(path)) return;
  yield `source.shared.path: ${shownValue(path)} ${problem ?? "must hold no control character"}`;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
