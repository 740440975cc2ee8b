import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { aptOptionsInRoot } from "../../../image/host-config.js";
import type { HostSettings } from "../../../image/host-settings.js";
import { PROXY_ADDRESS, PROXY_PORT } from "./lan.js";
import { writeLocalLayer } from "./layers.js";

/** Where nodes have what leads them to this machine's mirrors. */
const MIRRORS = "usr/local/share/mirrors";
const USER_DATA_FILES = [
  { path: "usr/lib/muster/ec2-user-data", mode: 0o755 },
  { path: "etc/systemd/system/ec2-user-data.service", mode: 0o644 },
] as const;
const OF_PROXIES = /^((https?|no|all)_proxy|PATH|HOME)$/i;
/** AWS's own programs, which no mirror has: the local layer and this machine do their part. */
const WITHOUT = "session-manager efs-utils";

export interface PlainLayerOptions {
  readonly nodeScripts: string;
  /** agent/image/files. */
  readonly recipeFiles: string;
  readonly settings: HostSettings;
}

/**
 * The layer of nodes that boot a plain Debian: the local one; what runs user data, as cloud-init does in Debian's official image; and the way to
 * this machine's mirrors, by environment variables that apt, pip, uv and curl know. Replaces the old one.
 */
export function writePlainLayer(
  folder: string,
  { nodeScripts, recipeFiles, settings }: PlainLayerOptions,
): void {
  writeLocalLayer(folder, nodeScripts);
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const { path, mode } of USER_DATA_FILES) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(recipeFiles, path), join(folder, path));
    chmodSync(join(folder, path), mode);
  }
  // Not in /etc: where the recipe enables the unit, its link must be new, or the image that is made of this node would lack it.
  const wants = "usr/local/lib/systemd/system/multi-user.target.wants";
  mkdirSync(join(folder, wants), { recursive: true });
  symlinkSync("/etc/systemd/system/ec2-user-data.service", join(folder, wants, "ec2-user-data.service"));

  const caBundle = `/${MIRRORS}/ca.pem`;
  const hasBundle = settings.caBundle !== null;
  mkdirSync(join(folder, MIRRORS), { recursive: true });
  if (settings.caBundle !== null) copyFileSync(settings.caBundle, join(folder, caBundle));
  put(
    `${MIRRORS}/apt.conf`,
    aptOptionsInRoot(settings.aptOptions, caBundle).replace(/^.*::Proxy .*\n/gm, ""),
  );
  put("etc/apt/sources.list", settings.sources ?? DEBIANS_SOURCES);
  put(
    "etc/systemd/system.conf.d/mirrors.conf",
    renderEnvironment(mirrorVariables(settings, hasBundle ? caBundle : null)),
  );
  // Last, so that they are not older than this layer's /usr: otherwise systemd rebuilds its caches at each boot.
  put("etc/.updated", "");
  put("var/.updated", "");
}

const DEBIANS_SOURCES = [
  "deb http://deb.debian.org/debian trixie main",
  "deb http://deb.debian.org/debian trixie-updates main",
  "deb http://deb.debian.org/debian-security trixie-security main",
  "",
].join("\n");

function mirrorVariables(settings: HostSettings, caBundle: string | null): Record<string, string> {
  const proxy = `http://${PROXY_ADDRESS}:${PROXY_PORT}`;
  const own = Object.entries(settings.environment).filter(([name]) => !OF_PROXIES.test(name));
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(
      caBundle === null
        ? []
        : ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "PIP_CERT"].map((name) => [name, caBundle]),
    ),
    http_proxy: proxy,
    https_proxy: proxy,
    no_proxy: "localhost,127.0.0.1,169.254.169.254,169.254.169.253",
    APT_CONFIG: `/${MIRRORS}/apt.conf`,
    MUSTER_IMAGE_WITHOUT: WITHOUT,
  };
}

/** For each unit of a node. systemd expands % there. */
const renderEnvironment = (variables: Readonly<Record<string, string>>): string => {
  const lines = Object.entries(variables).map(
    ([name, value]) => `DefaultEnvironment="${name}=${value.replaceAll("%", "%%")}"`,
  );
  return ["[Manager]", ...lines, ""].join("\n");
};
