import { innerPathProblem } from "./source-policy.js";

/** A repository, and perhaps what its URL names in it. */
export interface GitPlace {
  /** What Git is called with: https or ssh, without credentials. */
  readonly cloneUrl: string;
  readonly scheme: "https" | "ssh";
  /** The host, with its port if the URL has one. Credentials are for one host: see GitCredentials. */
  readonly host: string;
  /**
   * What the URL names in the repository: a reference and perhaps a path, with no border between them that the URL shows. Null: nothing.
   */
  readonly rest: string | null;
  /** Which kind the reference is, if the URL says so. */
  readonly kind: "heads" | "tags" | null;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
/** As in `git@github.com:acme/tools.git`. */
const SCP_FORM = /^([\w.-]+)@([\w.-]+):([^/].*)$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const SSH_USER = /^[A-Za-z0-9_][\w.-]*$/;
/** Their servers take the address with `.git`, and some redirect without it, which a fetch does not follow. */
const KNOWN_HOSTS = /^(?:github\.com|gitlab\.com|bitbucket\.org)$/;

/** The URL without what may be secret in it: user information and query. For messages. Pure. */
export const withoutSecrets = (url: string): string =>
  url.replace(/^((?:[^/@]*\/\/)?)(?!git@)[^/?#]*@/, "$1***@").replace(/\?.*$/s, "?***");

/** Takes a URL apart, or says what is wrong with it, completing "it ...". The problem never shows the URL. Pure. */
export function gitPlaceOf(url: string): GitPlace | { readonly problem: string } {
  if (/[\s\p{Cc}\\]/u.test(url)) return { problem: "must hold no blank, backslash or control character" };
  const [, user, host, path] = SCP_FORM.exec(url) ?? [];
  if (user !== undefined)
    return { problem: `must be written as ssh://${user === "git" ? user : "USER"}@${host}/${path}` };
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme !== "https" && scheme !== "ssh") {
    return { problem: "must begin with https:// or ssh://: no other transport is used" };
  }
  const [, userInfo, authority = "", rawPath = "", query = ""] =
    /^[^:]+:\/\/(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(\?[^#]*)?(?:#.*)?$/.exec(url) ?? [];
  const problem = userInfoProblem(scheme, userInfo) ?? (HOST.test(authority) ? null : "names no valid host");
  if (problem !== null) return { problem };
  return placeIn({ scheme, user: userInfo, host: authority.toLowerCase() }, rawPath, query);
}

function userInfoProblem(scheme: "https" | "ssh", userInfo: string | undefined): string | null {
  if (userInfo === undefined) return null;
  if (scheme === "https")
    return "must hold no user name, password or token: give `credentials`, the name of Git credentials (muster git-credentials set)";
  if (userInfo.includes(":"))
    return "must hold no password: give `credentials`, the name of Git credentials with an ssh key";
  return SSH_USER.test(userInfo) ? null : "has a user name that is not allowed";
}

interface Server {
  readonly scheme: "https" | "ssh";
  readonly user: string | undefined;
  readonly host: string;
}

function placeIn(server: Server, rawPath: string, query: string): GitPlace | { readonly problem: string } {
  const steps = decodedSteps(rawPath);
  const wrong = steps === null ? "is not readable" : innerPathProblem(steps.join("/"));
  if (steps === null || wrong !== null) return { problem: `has a path that ${wrong}` };
  const { scheme, user, host } = server;
  const kind = /^\?ref_type=(heads|tags)$/.exec(query)?.[1] as "heads" | "tags" | undefined;
  if (query !== "" && kind === undefined && !/^\?plain=\d+$/.test(query))
    return { problem: "must have no query (the part from the question mark on)" };
  const page = scheme === "https" ? browserPage(steps, host) : null;
  const repository = rawPath
    .split("/")
    .filter(Boolean)
    .slice(0, page?.repositorySteps ?? steps.length);
  const isKnown = KNOWN_HOSTS.test(host) || page !== null;
  const path = repository.join("/").replace(/\.git$/, "");
  const end = isKnown || repository.at(-1)?.endsWith(".git") === true ? ".git" : "";
  return {
    cloneUrl: `${scheme}://${user === undefined ? "" : `${user}@`}${host}/${path}${end}`,
    ...{ scheme, host },
    rest: page?.rest ?? null,
    kind: page?.kind ?? kind ?? null,
  };
}

/** The path's steps, percent-decoded; null where they can't be. A slash at the end is no step. */
function decodedSteps(rawPath: string): string[] | null {
  try {
    const steps = rawPath.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeURIComponent);
    return steps.some((step) => /\p{Cc}/u.test(step)) ? null : steps;
  } catch {
    return null;
  }
}

interface BrowserPage {
  /** How many of the path's steps are the repository's. */
  readonly repositorySteps: number;
  readonly rest: string;
  readonly kind?: "heads" | "tags";
}

/**
 * The page of a branch, tag, commit, folder or file, by the forms of GitLab (`GROUP/.../-/tree/REST`), GitHub (`OWNER/REPOSITORY/tree/REST`),
 * Gitea and Forgejo (`.../src/branch/REST`) and Bitbucket (`.../src/REST`); null: the address is the repository's.
 */
function browserPage(steps: readonly string[], host: string): BrowserPage | null {
  if (steps.at(-1)?.endsWith(".git") === true) return null;
  const dash = steps.indexOf("-");
  const [at, isGitLab] = dash >= 2 ? [dash + 1, true] : [2, false];
  const [word, kindWord] = [steps[at], steps[at + 1]];
  const page = (from: number, kind?: "heads" | "tags"): BrowserPage | null => {
    const rest = steps.slice(from).join("/");
    const repositorySteps = isGitLab ? dash : at;
    return rest === "" ? null : { repositorySteps, rest, ...(kind === undefined ? {} : { kind }) };
  };
  if (word === "tree" || word === "blob" || word === "commit") return page(at + 1);
  if (word !== "src" || isGitLab) return null;
  if (host === "bitbucket.org") return page(at + 1);
  if (kindWord === "branch") return page(at + 2, "heads");
  if (kindWord === "tag") return page(at + 2, "tags");
  return page(kindWord === "commit" ? at + 2 : at + 1);
}

/**
 * What is wrong with a branch, a tag or a commit as a reference, completing "it ..."; null: nothing. By the rules of Git for references, so that
 * it can neither be an option nor an expression.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
export function referenceProblem(reference: string): string | null {
  if (reference.startsWith("-")) return "must not begin with a hyphen";
  if (
    /[\s\p{Cc}~^:?*[\\]/u.test(reference) ||
    /\.\.|@\{|\/\/|^\/|[/.]$|(?:^|\/)\.|\.lock(?:\/|$)/.test(reference)
  )
    return "is no name of a branch or tag, and no full commit";
  return reference === "@" ? "is no name of a branch or tag, and no full commit" : null;
}

/** A reference that a source may mean, with what is left of the URL's path then. */
export interface ReferenceChoice {
  /** A name, `refs/...` or a full commit; null: the default branch. */
  readonly name: string | null;
  /** A folder or file in the repository; "": its top. */
  readonly path: string;
}

/** What a source may mean, the longest reference first: URLs show no border between a reference and a path. Pure. */
export function referenceChoices(rest: string | null, reference: string | undefined): ReferenceChoice[] {
  if (rest === null) return [{ name: reference ?? null, path: "" }];
  const steps = rest.split("/");
  const choices = steps.map((_, index) => ({
    name: steps.slice(0, steps.length - index).join("/"),
    path: steps.slice(steps.length - index).join("/"),
  }));
  return choices.filter(({ name }) =>
    reference === undefined ? referenceProblem(name) === null : name === reference,
  );
}
