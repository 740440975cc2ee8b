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
  const token = await send(endpoint, "PUT", "/latest/api/token", {
    "x-aws-ec2-metadata-token-ttl-seconds": String(TOKEN_TTL_SECONDS),
  }).then(requireOk);
  const headers = { "x-aws-ec2-metadata-token": token };
  const json = await get(endpoint, "/latest/dynamic/instance-identity/document", headers);
  const document = JSON.parse(json) as Record<string, unknown>;
  const field = (name: string): string => {
    const value = document[name];
    if (typeof value !== "string" || value === "") throw new Error(`the identity document has no ${name}`);
    return value;
  };
  return {
    instanceId: field("instanceId"),
    address: field("privateIp"),
    publicAddress: await readPublicAddress(endpoint, headers),
    hostname: hostname(),
    instanceType: field("instanceType"),
    zone: field("availabilityZone"),
    region: field("region"),
    imageId: field("imageId"),
  };
}

/** The address at which the internet reaches this node; null: it has none, and the service has no such entry. */
async function readPublicAddress(endpoint: string, headers: Record<string, string>): Promise<string | null> {
  const reply = await send(endpoint, "GET", "/latest/meta-data/public-ipv4", headers);
  return reply.status === 404 ? null : requireOk(reply).trim() || null;
}

interface Reply {
  readonly asked: string;
  readonly status: number;
  readonly body: string;
}

const get = async (endpoint: string, path: string, headers: Record<string, string>): Promise<string> =>
  requireOk(await send(endpoint, "GET", path, headers));

function requireOk({ asked, status, body }: Reply): string {
  if (status !== 200) throw new Error(`${asked} answered ${status}`);
  return body;
}

async function send(
  endpoint: string,
  method: "GET" | "PUT",
  path: string,
  headers: Record<string, string>,
): Promise<Reply> {
  const { status, body } = await requestText(new URL(path, endpoint), {
    method,
    headers,
    timeoutMs: REQUEST_TIMEOUT_MS,
  });
  return { asked: `${method} ${path}`, status, body };
}
