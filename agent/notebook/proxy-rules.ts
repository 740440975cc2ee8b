import { NOTEBOOK_BASE_PATH } from "../contract/notebook.js";

/** What of a request says where it comes from, and where it wants to go. */
export interface ProxiedRequest {
  /** As it came: nothing decoded, nothing normalised. */
  readonly url: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The header sec-fetch-site, which a page's script can't set. */
  readonly fetchSite: string | undefined;
}

/** Why a request is not passed on to JupyterLab: another site's page made it, or its path leads elsewhere. */
export interface ProxyRefusal {
  readonly code: "cross-site" | "path-refused";
  /** What it has, for people. */
  readonly what: string;
}

/** A person's own navigation has "none". Another port of this machine is the same site, and not the same origin. */
const OWN_FETCHES: readonly string[] = ["same-origin", "none"];
const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];
const MAX_SHOWN = 100;

/**
 * Why the request is refused; null: it is passed on. With its token added JupyterLab checks no origin any more, so this is the only
 * check: the browser is at the forwarder's address, which is loopback, or at this node's own. A page elsewhere has another origin, and a
 * name that was rebound to such an address is another host. Pure.
 */
export function proxyRefusal(request: ProxiedRequest, ownAddress: string): ProxyRefusal | null {
  return pathRefusal(request.url) ?? siteRefusal(request, ownAddress);
}

function siteRefusal({ host, origin, fetchSite }: ProxiedRequest, ownAddress: string): ProxyRefusal | null {
  const foreign = (what: string, value: string | undefined): ProxyRefusal => ({
    code: "cross-site",
    what: `${what} ${JSON.stringify(value?.slice(0, MAX_SHOWN) ?? null)}`,
  });
  const [, name] = /^(\[::1\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host?.toLowerCase() ?? "") ?? [];
  if (name === undefined || ![...LOOPBACK, ownAddress].includes(name)) return foreign("host", host);
  if (fetchSite !== undefined && !OWN_FETCHES.includes(fetchSite))
    return foreign("sec-fetch-site", fetchSite);
  const own = [`http://${host?.toLowerCase()}`, `https://${host?.toLowerCase()}`];
  // A blank one, or "null", is no origin of ours either.
  if (origin !== undefined && !own.includes(origin.toLowerCase())) return foreign("origin", origin);
  return null;
}

/** What some program on the way reads as a slash, or as the end of a path. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const AMBIGUOUS = /%2f|%5c|%00|\\|[\u0000-\u0020\u007f]/i;

/** JupyterLab needs none of these; what it makes of them is not our question. */
function pathRefusal(url: string): ProxyRefusal | null {
  const path = url.split("?", 1)[0] ?? "";
  const refused: ProxyRefusal = { code: "path-refused", what: JSON.stringify(path.slice(0, MAX_SHOWN)) };
  if (!path.startsWith(NOTEBOOK_BASE_PATH) || AMBIGUOUS.test(path)) return refused;
  try {
    const segments = decodeURIComponent(path).split("/");
    return segments.some((segment) => segment === "." || segment === "..") ? refused : null;
  } catch {
    return refused;
  }
}
