/** A file or folder, as far as it matters whose it is. */
export interface Owned {
  /** User id. */
  readonly uid: number;
  readonly mode: number;
}

const WRITABLE_BY_OTHERS = 0o022;

/** Whether this user and root alone can have written it. Pure. */
export const isOwnAlone = ({ uid, mode }: Owned, user: number): boolean =>
  uid === user && (mode & WRITABLE_BY_OTHERS) === 0;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The folder that caches are kept in, by the XDG Base Directory Specification, and the one that must be there already and be the user's; null: there is
 * none, or what is kept would do harm. Pure.
 */
export function cacheFolder(env: Environment): { readonly base: string; readonly above: string } | null {
  // The first is Node.js's own way to say no. Under the second compiled code counts what it runs.
  if (env["NODE_DISABLE_COMPILE_CACHE"] || env["NODE_V8_COVERAGE"]) return null;
  const { XDG_CACHE_HOME: chosen = "", HOME: home = "" } = env;
  if (chosen.startsWith("/")) return { base: chosen, above: chosen };
  return home.startsWith("/") ? { base: `${home}/.cache`, above: home } : null;
}
