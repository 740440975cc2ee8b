import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

type Environment = Readonly<Record<string, string | undefined>>;

/** A host and its port. */
interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * A way out for builders, as a NAT gateway is one on AWS: an HTTP proxy, which goes by this machine's own proxy where it has one. Not yet
 * listening. It keeps nothing.
 */
export function createProxy(environment: Environment = process.env): Server {
  const server = createServer((request, response) => forward(environment, request, response));
  server.on("connect", (request: IncomingMessage, client: Duplex, head: Buffer) =>
    tunnel(environment, request.url ?? "", client, head),
  );
  return server;
}

function forward(environment: Environment, request: IncomingMessage, response: ServerResponse): void {
  const url = URL.canParse(request.url ?? "") ? new URL(request.url ?? "") : undefined;
  if (url?.protocol !== "http:") {
    response.writeHead(400).end("a proxy wants an absolute http: URL\n");
    return;
  }
  const via = proxyOf(environment, "http");
  const { host, port } = via ?? { host: url.hostname, port: Number(url.port || 80) };
  const path = via === undefined ? `${url.pathname}${url.search}` : url.href;
  const { "proxy-connection": _, ...headers } = { ...request.headers, host: url.host } as IncomingHttpHeaders;
  const upstream = httpRequest({ host, port, path, method: request.method, headers });
  upstream.once("response", (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
    reply.once("error", () => response.destroy());
  });
  upstream.once("error", (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(`${url.host} can't be reached: ${error.message}\n`);
  });
  response.once("close", () => upstream.destroy());
  request.pipe(upstream);
}

/** CONNECT HOST:PORT. */
function tunnel(environment: Environment, authority: string, client: Duplex, head: Buffer): void {
  const [, host = "", port = ""] = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(authority) ?? [];
  if (host === "") {
    client.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    return;
  }
  const via = proxyOf(environment, "https");
  const upstream = connect(via ?? { host, port: Number(port) });
  upstream.once("connect", () => {
    // This machine's proxy answers for itself.
    if (via === undefined) client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    else upstream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    if (head.length > 0) upstream.write(head);
    join(client, upstream);
  });
  upstream.on("error", () => client.destroy());
  client.on("error", () => upstream.destroy());
}

function join(client: Duplex, upstream: Socket): void {
  client.pipe(upstream);
  upstream.pipe(client);
  client.once("close", () => upstream.destroy());
  upstream.once("close", () => client.destroy());
}

/** This machine's own proxy for the scheme, as curl reads the variables; undefined: none. */
function proxyOf(environment: Environment, scheme: "http" | "https"): Target | undefined {
  const value = environment[`${scheme}_proxy`] ?? environment[`${scheme.toUpperCase()}_PROXY`] ?? "";
  const text = value === "" || value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text)) return undefined;
  const { hostname, port } = new URL(text);
  return { host: hostname, port: Number(port || 80) };
}
