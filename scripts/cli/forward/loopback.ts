/** A request as it came. `rawHeaders`: names and values in turn, as Node.js has them. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly isUpgrade: boolean;
}

export interface Refused {
  readonly is: "refused";
  readonly status: number;
  readonly why: string;
}

/** A request's headers by their names in lower case, and its path. */
interface Local {
  readonly is: "local";
  readonly path: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Programs in between may take the first or the last of several: so there may be one. */
const SINGLE = ["host", "origin", "content-length", "transfer-encoding", "sec-fetch-site"] as const;
const MOST_URL_CHARACTERS = 8_192;

export const refused = (status: number, why: string): Refused => ({ is: "refused", status, why });

/**
 * Judges a request to a server on 127.0.0.1 by itself. Host must be this server, so that a name that points here (DNS rebinding) is of no
 * use; Origin must be this server's, and a browser must say that no other site has made the request. Only what is posted to `codePath` may
 * come from elsewhere, as it brings a secret, and a link may lead to the start, which shows nothing. Pure.
 */
export function judgeLocal(
  { method, url, rawHeaders, isUpgrade }: Asked,
  port: number,
  codePath: string,
): Local | Refused {
  const headers = listed(rawHeaders);
  const doubled = SINGLE.find((name) => (headers.get(name) ?? []).length > 1);
  if (doubled !== undefined) return refused(400, `There is more than one header ${doubled}.`);
  const [host = ""] = headers.get("host") ?? [];
  if (!hostsOf(port).includes(host))
    return refused(403, `This is http://127.0.0.1:${port}/ and nothing else.`);
  if (!METHODS.includes(method)) return refused(405, "There is no such method here.");
  const path = pathOf(url);
  if (path === null) return refused(400, "The path can't be used.");
  const isCode = path === codePath && method === "POST" && !isUpgrade;
  const foreign = foreignTo(headers, `http://${host}`, { isCode, isUpgrade, isStart: path === "/" });
  return foreign === null ? { is: "local", path, headers } : refused(403, foreign);
}

const hostsOf = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

function listed(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    found.set(name, [...(found.get(name) ?? []), rawHeaders[index + 1] ?? ""]);
  }
  return found;
}

/** The path, if it means the same to every program that reads it; else null. */
function pathOf(url: string): string | null {
  if (!url.startsWith("/") || url.startsWith("//") || url.length > MOST_URL_CHARACTERS) return null;
  const [path = ""] = url.split("?", 1);
  if (!/^[\x21-\x7e]*$/.test(url) || /[\\#]/.test(path) || /%(?:2f|5c|00)/i.test(path)) return null;
  const steps = path.replace(/%2e/gi, ".").split("/");
  return steps.includes("..") || steps.includes(".") ? null : path;
}

/** Why another site may have made the request; null: none has. */
function foreignTo(
  headers: ReadonlyMap<string, readonly string[]>,
  own: string,
  {
    isCode,
    isUpgrade,
    isStart,
  }: { readonly isCode: boolean; readonly isUpgrade: boolean; readonly isStart: boolean },
): string | null {
  const [origin] = headers.get("origin") ?? [];
  const [site = "none"] = headers.get("sec-fetch-site") ?? [];
  // A file, as which the code comes, has the origin null. A link elsewhere may lead to the start, which shows nothing.
  const isFree = isCode || isStart;
  if (origin !== undefined && origin !== own && !(isCode && origin === "null"))
    return `The page ${origin} is another one: its requests are not served.`;
  if (isUpgrade && origin === undefined) return "A WebSocket without Origin is not served.";
  if (!isFree && site !== "same-origin" && site !== "none")
    return "The request comes from another site: it is not served.";
  return null;
}
