import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { WaitTimeoutError } from "../contract/wait.js";

export interface TextRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** The authorities that an https server's certificate must be of. */
  readonly ca?: readonly string[];
  /** Where connections are kept for the next request; false: it has a connection of its own, as by default. */
  readonly agent?: Agent | false;
}

/** A whole answer. */
export interface TextReply {
  readonly status: number;
  readonly body: string;
}

/** A connection that was kept from another request has ended without an answer: the server may never have seen this one. */
export class StaleConnectionError extends Error {
  override readonly name = "StaleConnectionError";

  /** The error of the request `call`, or this one in its place. */
  static of(error: NodeJS.ErrnoException, call: ClientRequest): Error {
    const isEnd = error.code === "ECONNRESET" || error.code === "EPIPE";
    return isEnd && call.reusedSocket ? new StaleConnectionError(error.message, { cause: error }) : error;
  }
}

/**
 * One small request; the whole takes `timeoutMs` at most. Rejects when nothing answers in time.
 * node:http and not fetch: fetch costs every node 14 MB of resident memory.
 */
export function requestText(url: URL, { body, timeoutMs, ...options }: TextRequest): Promise<TextReply> {
  return new Promise((resolve, reject) => {
    const call = openRequest(url, options, body, (reply) => {
      let text = "";
      reply.setEncoding("utf8");
      reply.on("data", (piece: string) => {
        text += piece;
      });
      reply.on("error", reject);
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, body: text }));
    });
    const late = () => call.destroy(new WaitTimeoutError("an answer", timeoutMs));
    const timer = setTimeout(late, timeoutMs);
    call.on("error", (error) => reject(StaleConnectionError.of(error, call)));
    call.on("close", () => clearTimeout(timer));
  });
}

/** Sends a request whole, by its URL's scheme. Without an agent it has a connection of its own. */
export function openRequest(
  url: URL,
  { ca, ...options }: Omit<RequestOptions, "ca"> & { readonly ca?: readonly string[] },
  body: string | Buffer | undefined,
  onReply: (reply: IncomingMessage) => void,
): ClientRequest {
  const request = url.protocol === "https:" ? secureRequest : plainRequest;
  const trust = ca === undefined ? {} : { ca: [...ca] };
  const call = request(url, { agent: false, ...options, ...trust }, onReply);
  call.end(body);
  return call;
}
