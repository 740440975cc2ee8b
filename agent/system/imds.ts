import { Agent } from "node:http";
import { hostname } from "node:os";
import { AgentError, reasonOf } from "../errors.js";
import type { NodeIdentity } from "../node/identity.js";
import { requestText } from "./http-text.js";

const DEFAULT_ENDPOINT = "http://169.254.169.254";
const TOKEN_TTL_SECONDS = 60;
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Reads the node's identity over IMDSv2: a token, the identity document, the host name. Bounded by a few seconds. Throws
 * AgentError identity-unavailable. `AWS_EC2_METADATA_SERVICE_ENDPOINT` is honoured, as in the SDKs.
 */
export async function readIdentity(): Promise<NodeIdentity> {
  const endpoint = process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? DEFAULT_ENDPOINT;
  try {
    return await readFrom(endpoint);
  } catch (error) {
    throw new AgentError("identity-unavailable", `${endpoint}: ${reasonOf(error)}`, error);
  }
}

async function readFrom(endpoint: string): Promise<NodeIdentity> {
  const headers = { [TOKEN_HEADER]: await readToken(endpoint, TOKEN_TTL_SECONDS) };
  const [json, publicAddress] = await Promise.all([
    send(endpoint, "GET", "/latest/dynamic/instance-identity/document", headers),
    readPublicAddress(endpoint, headers),
  ]);
  const document = JSON.parse(json) as Record<string, unknown>;
  const field = (name: string): string => {
    const value = document[name];
    if (typeof value !== "string" || value === "") throw new Error(`the identity document has no ${name}`);
    return value;
  };
  return {
    instanceId: field("instanceId"),
    address: field("privateIp"),
    publicAddress,
    hostname: hostname(),
    instanceType: field("instanceType"),
    zone: field("availabilityZone"),
    region: field("region"),
    imageId: field("imageId"),
  };
}

/** The address at which the internet reaches this node; null: it has none, and the service has no such entry. */
async function readPublicAddress(endpoint: string, headers: Record<string, string>): Promise<string | null> {
  const path = "/latest/meta-data/public-ipv4";
  const reply = await ask(endpoint, "GET", path, headers);
  return reply.status === 404 ? null : bodyOf(`GET ${path}`, reply).trim() || null;
}

/** Values of the instance metadata, with one session token for many reads. */
export interface Metadata {
  /**
   * The texts at the paths, in their order; null: there is nothing. One after the other, over one connection. Bounded. Rejects where
   * the service does not answer.
   */
  read(paths: readonly string[]): Promise<readonly (string | null)[]>;
}

const SESSION_SECONDS = 3_600;
const RENEW_AFTER_MS = (SESSION_SECONDS * 1_000) / 2;
const MAX_VALUE_CHARS = 65_536;

/** Makes no call. `AWS_EC2_METADATA_SERVICE_ENDPOINT` is honoured, as in the SDKs. */
export function openMetadata(): Metadata {
  const endpoint = process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? DEFAULT_ENDPOINT;
  let token: { readonly value: Promise<string>; readonly atMs: number } | null = null;

  function tokenNow(): Promise<string> {
    if (token !== null && performance.now() - token.atMs < RENEW_AFTER_MS) return token.value;
    const value = readToken(endpoint, SESSION_SECONDS);
    token = { value, atMs: performance.now() };
    value.catch(() => {
      token = null;
    });
    return value;
  }

  async function readOne(path: string, agent: Agent): Promise<string | null> {
    const headers = { [TOKEN_HEADER]: await tokenNow() };
    const { status, body } = await ask(endpoint, "GET", path, headers, agent);
    // The token is not valid any more, as after a hibernation: the next read has a new one.
    if (status === 401) token = null;
    return status === 404 ? null : bodyOf(`GET ${path}`, { status, body }).slice(0, MAX_VALUE_CHARS);
  }

  return {
    async read(paths) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        const texts: (string | null)[] = [];
        for (const path of paths) texts.push(await readOne(path, agent));
        return texts;
      } finally {
        agent.destroy();
      }
    },
  };
}

const TOKEN_HEADER = "x-aws-ec2-metadata-token";

const readToken = (endpoint: string, seconds: number): Promise<string> =>
  send(endpoint, "PUT", "/latest/api/token", { [`${TOKEN_HEADER}-ttl-seconds`]: String(seconds) });

const ask = (
  endpoint: string,
  method: "GET" | "PUT",
  path: string,
  headers: Record<string, string>,
  agent: Agent | false = false,
) => requestText(new URL(path, endpoint), { method, headers, timeoutMs: REQUEST_TIMEOUT_MS, agent });

async function send(
  endpoint: string,
  method: "GET" | "PUT",
  path: string,
  headers: Record<string, string>,
): Promise<string> {
  return bodyOf(`${method} ${path}`, await ask(endpoint, method, path, headers));
}

function bodyOf(asked: string, { status, body }: { readonly status: number; readonly body: string }): string {
  if (status !== 200) throw new Error(`${asked} answered ${status}`);
  return body;
}
