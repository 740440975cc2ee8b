import { type IncomingMessage, request } from "node:http";
import { WebSocket } from "ws";
import { AGENT_PORT } from "../contract/names.js";
import { requestText, type TextReply } from "./http-text.js";

/**
 * The one way from this node to the agents of others: their addresses, the peer's token and the bounds on time stand here. Each
 * call has a connection of its own, and rejects when nothing answers.
 */
export interface PeerClient {
  /** An open route: no token goes out. */
  get(address: string, path: string, timeoutMs: number): Promise<TextReply>;
  /** A small question and its whole answer, as JSON text. */
  post(address: string, path: string, body: string, timeoutMs: number): Promise<TextReply>;
  /**
   * A question whose answer is read as it comes, until `gone` aborts. A node that falls silent is noticed by TCP's keep-alive
   * within about 15 s.
   */
  stream(address: string, path: string, body: string | Buffer, gone: AbortSignal): Promise<IncomingMessage>;
  /** A WebSocket, which is being opened; it emits `error` when that takes longer than `timeoutMs`. */
  dial(address: string, path: string, timeoutMs: number): WebSocket;
}

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 5_000;
/** The status of some thousands of nodes. */
const MAX_MESSAGE_BYTES = 4_000_000;

/** Makes no call. `port` is the agents'. */
export function createPeerClient(peerToken: string, port: number = AGENT_PORT): PeerClient {
  const urlOf = (scheme: "http" | "ws", address: string, path: string) =>
    new URL(`${scheme}://${address}:${port}${path}`);
  const authorization = `Bearer ${peerToken}`;
  const headers = { authorization, "content-type": "application/json" };
  return {
    get: (address, path, timeoutMs) =>
      requestText(urlOf("http", address, path), { method: "GET", timeoutMs }),
    post: (address, path, body, timeoutMs) =>
      requestText(urlOf("http", address, path), { method: "POST", headers, body, timeoutMs }),
    stream: (address, path, body, gone) => open(urlOf("http", address, path), headers, body, gone),
    dial: (address, path, timeoutMs) =>
      new WebSocket(urlOf("ws", address, path), {
        headers: { authorization },
        handshakeTimeout: timeoutMs,
        perMessageDeflate: false,
        maxPayload: MAX_MESSAGE_BYTES,
      }),
  };
}

function open(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  gone: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = { "content-length": Buffer.byteLength(body) };
    const sent = request(url, {
      method: "POST",
      headers: { ...headers, ...length },
      agent: false,
      signal: gone,
    });
    const late = new Error(`no connection in ${CONNECT_TIMEOUT_MS / 1000} s`);
    const timer = setTimeout(() => sent.destroy(late), CONNECT_TIMEOUT_MS);
    sent.once("socket", (socket) =>
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
      }),
    );
    sent.once("response", resolve);
    sent.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end(body);
  });
}
