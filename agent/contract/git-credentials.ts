import { type Static, Type } from "@sinclair/typebox";
import { listProblems, schemaProblems } from "./problems.js";
import { CREDENTIALS_NAME_PATTERN } from "./source-policy.js";

/** An SSM parameter of the standard tier holds no more. */
const MAX_CREDENTIALS_BYTES = 4_096;

const closed = { additionalProperties: false } as const;
const Host = Type.String({
  pattern: "^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?$",
  maxLength: 255,
  description: "the only host that they are shown to, e.g. github.com, or git.example.com:8443",
});

/**
 * Git credentials, as JSON in an SSM SecureString under the org's key: see gitCredentialsParameter. They are for one host, so that a source
 * with another host's URL can't carry them off.
 */
export const GitCredentials = Type.Union([
  Type.Object(
    {
      kind: Type.Literal("password"),
      host: Host,
      username: Type.String({ pattern: "^[^\\x00-\\x1f\\x7f]+$" }),
      password: Type.String({ pattern: "^[^\\x00-\\x1f\\x7f]+$", description: "or a token" }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal("ssh-key"),
      host: Host,
      privateKey: Type.String({ description: "OpenSSH's format, without a passphrase" }),
      knownHosts: Type.String({ description: "the host's own keys, as in known_hosts, one a line" }),
    },
    closed,
  ),
]);
export type GitCredentials = Static<typeof GitCredentials>;

const KEY_FORM = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----\n(?:[A-Za-z0-9+/=]+\n)+-----END \1-----\n$/;
const KNOWN_HOST = /^(\S+) (?:ssh-|ecdsa-|sk-)[\w.@-]+ [A-Za-z0-9+/]+=*(?: .*)?$/;

/** What is wrong with credentials, without any part of their secret values. Pure. */
export function gitCredentialsProblems(credentials: GitCredentials): string[] {
  const { kind, host } = credentials;
  const problems = [...schemaProblems(Host, host, "host")];
  const bytes = Buffer.byteLength(JSON.stringify(credentials));
  if (bytes > MAX_CREDENTIALS_BYTES)
    problems.push(
      `the credentials take ${bytes} bytes; allowed: ${MAX_CREDENTIALS_BYTES} together. Use an Ed25519 key (ssh-keygen -t ed25519)`,
    );
  if (kind === "password") {
    for (const name of ["username", "password"] as const)
      if (!/^\P{Cc}+$/u.test(credentials[name]))
        problems.push(`${name}: must be one line, not empty, without control characters`);
    return problems;
  }
  if (!KEY_FORM.test(credentials.privateKey))
    problems.push("private key: is not one in OpenSSH's or PEM's format, with nothing before and after it");
  else if (isEncrypted(credentials.privateKey))
    problems.push(
      "private key: has a passphrase, which no node can enter; make a key without one for this use alone",
    );
  return [...problems, ...knownHostsProblems(credentials.knownHosts, host)];
}

/** The lines of a known_hosts file that are for the host. Pure. */
export const knownHostsFor = (text: string, host: string): string =>
  text
    .split(/\r?\n/)
    .filter((line) => KNOWN_HOST.exec(line)?.[1]?.split(",").includes(knownHostsName(host)) === true)
    .join("\n");

function knownHostsProblems(knownHosts: string, host: string): string[] {
  const lines = knownHosts.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const name = knownHostsName(host);
  if (lines.length === 0)
    return [
      `known_hosts: has no line for ${name}. \`ssh-keyscan${host.includes(":") ? " -p PORT" : ""} HOST\` prints them; compare them with what the host publishes`,
    ];
  return lines.flatMap((line, index) => {
    const names = KNOWN_HOST.exec(line)?.[1]?.split(",");
    if (names === undefined) return [`known_hosts, line ${index + 1}: is not "HOST TYPE KEY"`];
    return names.includes(name) ? [] : [`known_hosts, line ${index + 1}: is not for ${name}`];
  });
}

/** A host as known_hosts has it: `host`, or `[host]:port` where the port is not 22. */
function knownHostsName(host: string): string {
  const [, name = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return port === undefined || port === "22" ? name : `[${name}]:${port}`;
}

/** Whether a private key needs a passphrase: OpenSSH's own format names its cipher first, PEM says so in its header. */
function isEncrypted(privateKey: string): boolean {
  const [, label = "", body = ""] = /-----BEGIN ([A-Z ]+)-----\n([\s\S]*?)-----END/.exec(privateKey) ?? [];
  if (label === "ENCRYPTED PRIVATE KEY") return true;
  const head = Buffer.from(body, "base64").subarray(0, 64);
  const magic = "openssh-key-v1\0";
  if (head.subarray(0, magic.length).toString("latin1") !== magic) return false;
  const length = head.readUInt32BE(magic.length);
  return head.subarray(magic.length + 4, magic.length + 4 + length).toString("latin1") !== "none";
}

/** Reads what the parameter holds. Throws an Error that shows no part of it. Pure. */
export function parseGitCredentials(text: string): GitCredentials {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("they are not JSON");
  }
  // A problem of the schema would show the value.
  if (listProblems(schemaProblems(GitCredentials, value)).length > 0)
    throw new Error("they have not the form that muster git-credentials set writes");
  return value as GitCredentials;
}

/** What must never be seen of credentials: in each form that a program may print it in. Pure. */
export function secretsOf(credentials: GitCredentials): readonly string[] {
  if (credentials.kind === "ssh-key")
    return credentials.privateKey.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const { username, password } = credentials;
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return [...new Set([password, encodeURIComponent(password), basic])];
}

/** Whether a text can be the name of Git credentials. Pure. */
export const isCredentialsName = (name: string): boolean => new RegExp(CREDENTIALS_NAME_PATTERN).test(name);
