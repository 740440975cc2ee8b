import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream/promises";
import type { Reply } from "./reply.js";

/** The emulator behind the gateway. */
export interface Upstream {
  /**
   * Passes the request on and streams the reply back, with unchanged headers (even Host and Authorization) and bytes.
   * `body` replaces the request's own. Resolves with the status, and with the reply's beginning where it is an error.
   */
  relay(
    from: IncomingMessage,
    to: ServerResponse,
    body?: Buffer,
  ): Promise<{ status: number; errorStart: string }>;
  /** Passes the request on and buffers the reply, for a supplement to inspect. */
  ask(from: Pick<IncomingMessage, "method" | "url" | "headers">, body: Buffer): Promise<Reply>;
}

/** Hop-by-hop headers, which are not passed on. The gateway has already answered `expect`. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade", "expect"]);
const ERROR_START_CHARS = 400;

/** `port` on the loopback. One connection per request: the emulator may close idle ones at any time. */
export function createUpstream(port: number): Upstream {
  const open = (method: string, path: string, headers: IncomingHttpHeaders) =>
    httpRequest({ host: "127.0.0.1", port, method, path, headers: passedOn(headers), agent: false });

  return {
    relay(from, to, body) {
      const headers = { ...from.headers };
      if (body !== undefined) fixLength(headers, body);
      const upstream = open(from.method ?? "GET", from.url ?? "/", headers);
      return new Promise((resolve, reject) => {
        upstream.once("error", reject);
        upstream.once("response", (reply) => {
          const status = reply.statusCode ?? 502;
          let errorStart = "";
          if (status >= 500) {
            reply.on("data", (chunk: Buffer) => {
              if (errorStart.length < ERROR_START_CHARS) errorStart += chunk.toString();
            });
          }
          to.writeHead(status, passedOn(reply.headers));
          pipeline(reply, to).then(
            () => resolve({ status, errorStart: errorStart.slice(0, ERROR_START_CHARS) }),
            reject,
          );
        });
        if (body !== undefined) upstream.end(body);
        else pipeline(from, upstream).catch(reject);
      });
    },
    ask(from, body) {
      const headers = { ...from.headers };
      fixLength(headers, body);
      const upstream = open(from.method ?? "GET", from.url ?? "/", headers);
      return new Promise((resolve, reject) => {
        upstream.once("error", reject);
        upstream.once("response", (reply) => {
          readWhole(reply).then((bytes) => {
            const type = reply.headers["content-type"];
            resolve({
              status: reply.statusCode ?? 502,
              headers: type ? { "content-type": type } : {},
              body: bytes.toString(),
            });
          }, reject);
        });
        upstream.end(body);
      });
    },
  };
}

/** A whole stream. Only for small ones. */
export async function readWhole(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

function fixLength(headers: IncomingHttpHeaders, body: Buffer): void {
  delete headers["transfer-encoding"];
  headers["content-length"] = String(body.length);
}
