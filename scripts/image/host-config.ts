/**
 * What this machine needs to reach Debian's mirror and the Python index, read from its own configuration. Only the bake uses
 * it; the image does not contain it.
 */
/** Where the bake finds the CA bundle, inside the root. */
export const BAKE_CA_PATH = "/run/bake/ca.pem";

const APT_OPTION =
  /^(Acquire::(?:(?:http|https)::(?:[A-Za-z0-9.-]+::)?(?:Proxy|CaInfo|Verify-Peer)|Check-Valid-Until|Check-Date|Retries)) "(.*)";$/;

/** The options out of `apt-config dump` that say how to reach a mirror: proxies, certificates, clock checks. */
export function aptOptions(aptConfigDump: string): string {
  const lines = aptConfigDump.split("\n").filter((line) => APT_OPTION.test(line));
  return [...lines, 'Acquire::Languages "none";', ""].join("\n");
}

/** The same options as seen inside a root, where the machine's certificates are at `caPath`. */
export function aptOptionsInRoot(options: string, caPath: string): string {
  return options.replace(/^(Acquire::\S*CaInfo) ".*";$/gm, `$1 "${caPath}";`);
}

/** The apt sources for the bake, of the machine's own Debian mirror; null when it has none: mmdebstrap knows Debian's. */
export function bakeSources(hostSources: readonly string[]): string | null {
  const uris = hostSources.flatMap((text) =>
    text
      .split("\n")
      .filter((line) => /^\s*(deb\s|URIs:)/.test(line))
      .flatMap((line) => line.split(/\s+/).filter((word) => /^https?:\/\//.test(word))),
  );
  const ending = (suffix: string): string | undefined =>
    uris.map((uri) => uri.replace(/\/+$/, "")).find((uri) => uri.endsWith(suffix));
  const mirror = ending("/debian");
  if (mirror === undefined) return null;
  const security = ending("/debian-security") ?? `${mirror}-security`;
  return [
    `deb ${mirror} trixie main`,
    `deb ${mirror} trixie-updates main`,
    `deb ${security} trixie-security main`,
    "",
  ].join("\n");
}

const PASSED_ON = /^((https?|no|all)_proxy|PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|DEFAULT_TIMEOUT))$/i;
const PIP_SETTINGS: Readonly<Record<string, string>> = {
  "global.index-url": "PIP_INDEX_URL",
  "global.extra-index-url": "PIP_EXTRA_INDEX_URL",
  "global.trusted-host": "PIP_TRUSTED_HOST",
};

/**
 * The environment of the recipe: proxies and pip's settings, from the machine's environment first, then from `pip config
 * list`. Settings that name files of the machine are left out: the root does not have these files.
 */
export function bakeEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  pipConfigList: string,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const line of pipConfigList.split("\n")) {
    const match = /^([a-z.-]+)='(.*)'$/.exec(line.trim());
    const name = match?.[1] === undefined ? undefined : PIP_SETTINGS[match[1]];
    if (name !== undefined && match?.[2] !== undefined) result[name] = match[2];
  }
  for (const [name, value] of Object.entries(environment)) {
    if (PASSED_ON.test(name) && value) result[name] = value;
  }
  for (const [name, value] of Object.entries(result)) {
    const kept = value
      .split(/(?:\s|\\n)+/)
      .filter((word) => !word.startsWith("file:") && !word.startsWith("/"));
    if (kept.length === 0) delete result[name];
    else result[name] = kept.join(" ");
  }
  return {
    ...result,
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
  };
}
