import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  credentialsRole,
  type InstanceMetadata,
  metadataAt,
  type RoleCredentials,
  renderCredentials,
} from "./metadata.js";
import { isNoticePath } from "./notices.js";
import { createSessionTokens, type SessionTokens } from "./session-tokens.js";

const TOKEN_PATH = "/latest/api/token";
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";

/** Where the service reads about instances. Both may fail; the node then gets a 500 and tries again. */
export interface MetadataSource {
  /** A session begins at this address: the instance there may be another than the one that was there before. */
  beginSession(address: string): void;
  /**
   * The instance that has this private address, or null; with no more than an answer to `path` (what follows /latest/) needs, where one
   * is given.
   */
  instanceAt(address: string, path?: string): Promise<InstanceMetadata | null>;
  /** What is announced to the instance with that address, at a path of its own; null: nothing. */
  noticeAt(address: string, path: string): string | null;
  /** Current credentials of the instance's role. */
  credentialsOf(instance: InstanceMetadata): Promise<RoleCredentials>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The instance metadata service, version 2 only: a request without a session token gets 401. Not yet listening. */
export function createMetadataServer(source: MetadataSource): Server {
  const tokens = createSessionTokens();
  return createServer((request, response) => {
    answer(request, source, tokens).then(
      (result) => send(response, result),
      (error: Error) => {
        console.error(`metadata ${request.method} ${request.url}: ${error.message}`);
        send(response, { status: 500, body: "" });
      },
    );
  });
}

async function answer(
  request: IncomingMessage,
  source: MetadataSource,
  tokens: SessionTokens,
): Promise<Answer> {
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  if (request.method === "PUT" && path === TOKEN_PATH) {
    source.beginSession(address);
    return issueToken(request, tokens, address);
  }
  if (request.method !== "GET" && request.method !== "HEAD") return { status: 405, body: "" };
  if (!tokens.isValid(address, header(request, TOKEN_HEADER))) return { status: 401, body: "" };
  const inside = /^\/latest\/(.*)$/.exec(path)?.[1];
  // Every node asks for these every few seconds: they need no look at the account.
  if (inside !== undefined && isNoticePath(inside)) {
    const notice = source.noticeAt(address, inside);
    return notice === null ? { status: 404, body: "" } : { status: 200, body: notice };
  }
  const instance = await source.instanceAt(address, inside && decodeURIComponent(inside));
  if (inside === undefined || instance === null) return { status: 404, body: "" };
  const role = credentialsRole(decodeURIComponent(inside));
  if (role !== null) {
    if (role !== instance.profile?.roleName) return { status: 404, body: "" };
    return { status: 200, body: renderCredentials(await source.credentialsOf(instance)) };
  }
  const text = metadataAt(instance, decodeURIComponent(inside));
  return text === null ? { status: 404, body: "" } : { status: 200, body: text };
}

function issueToken(request: IncomingMessage, tokens: SessionTokens, address: string): Answer {
  // As on EC2: a request through a proxy is not from the instance.
  if (request.headers["x-forwarded-for"] !== undefined) return { status: 403, body: "" };
  const issued = tokens.issue(address, header(request, TTL_HEADER));
  if (issued === null) return { status: 400, body: "" };
  return { status: 200, body: issued.token, headers: { [TTL_HEADER]: String(issued.ttlSeconds) } };
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { "content-type": "text/plain", server: "EC2ws", ...headers });
  response.end(body);
}
