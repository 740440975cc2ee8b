import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What the bake used of this machine, and what the image must therefore not contain. */
export interface HostTraces {
  readonly environment: Readonly<Record<string, string>>;
  readonly sources: string;
}

const MUST_NOT_EXIST = [
  "etc/pip.conf",
  "etc/resolv.conf",
  "etc/hostname",
  "root/.config",
  "root/.pip",
  "root/.cache",
];
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Fails, naming every finding, if the root contains something of the machine that built it. */
export async function checkNothingOfHost(root: string, traces: HostTraces): Promise<void> {
  const findings = [
    ...MUST_NOT_EXIST.filter((path) => existsSync(join(root, path))).map((path) => `/${path} exists`),
    ...(await foreignCertificates(root)),
    ...(await hostWords(root, traces)),
  ];
  if (findings.length > 0) {
    throw new Error(`The image contains something of the machine that built it:\n  ${findings.join("\n  ")}`);
  }
}

/** The image trusts exactly the certificates of Debian's ca-certificates package. */
async function foreignCertificates(root: string): Promise<string[]> {
  const own = await readdir(join(root, "usr/local/share/ca-certificates"));
  const shipped = new Set<string>();
  const folder = join(root, "usr/share/ca-certificates/mozilla");
  for (const name of await readdir(folder)) {
    for (const pem of certificates(await readFile(join(folder, name), "utf8"))) shipped.add(pem);
  }
  const trusted = certificates(await readFile(join(root, "etc/ssl/certs/ca-certificates.crt"), "utf8"));
  const foreign = trusted.filter((pem) => !shipped.has(pem)).length;
  return [
    ...own.map((name) => `/usr/local/share/ca-certificates/${name} exists`),
    ...(foreign > 0
      ? [`/etc/ssl/certs/ca-certificates.crt has ${foreign} certificates that Debian does not ship`]
      : []),
  ];
}

/** Names of the machine's mirrors, proxies and indexes in the image's configuration. */
async function hostWords(root: string, traces: HostTraces): Promise<string[]> {
  const text = [traces.sources, ...Object.values(traces.environment)].join("\n");
  const hosts = [...text.matchAll(/https?:\/\/(?:[^@/\s]*@)?([^/:\s]+)/g)].map((match) => match[1] ?? "");
  const findings: string[] = [];
  for (const entry of await readdir(join(root, "etc"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path, "utf8");
    for (const word of [...new Set(hosts), "/run/bake"].filter((candidate) => content.includes(candidate))) {
      findings.push(`${path.slice(root.length)} names ${word}`);
    }
    if (path.includes("/etc/apt/") && /Acquire::\S*(Proxy|CaInfo|Check-)/.test(content)) {
      findings.push(`${path.slice(root.length)} contains apt settings of the machine`);
    }
  }
  return findings;
}

const certificates = (pem: string): string[] =>
  (pem.match(CERTIFICATE) ?? []).map((one) => one.replace(/\s/g, ""));
