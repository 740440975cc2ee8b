import type { IncomingMessage } from "node:http";
import { Agent } from "node:https";
import { WebSocket } from "ws";
import { AGENT_PORT } from "../contract/names.js";
import { openRequest, requestText, StaleConnectionError, type TextReply } from "./http-text.js";
import { tlsReason } from "./tls-reason.js";

/**
 * The one way from this node to the agents of others: their addresses, the peer's token, whose certificates count, and the bounds on time
 * stand here. Everything goes over TLS, and to the node at that address of this cluster alone. It rejects when nothing answers.
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

/** What the client shows and trusts, at the moment of a call. */
export interface PeerCredentials {
  peerToken(): string;
  /** The authorities, as PEM. */
  trusted(): readonly string[];
  /** A node has refused the token, or shown a certificate that is not trusted. */
  doubt(): void;
}

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 5_000;
/**
 * How a link's keys are agreed on. Node.js's own choice begins with a post-quantum exchange, whose keys OpenSSL keeps as long as the
 * connection: 7 KB for each of a head's links, which stay for days and carry nothing that is secret for years.
 */
export const LINK_CURVES = "X25519:P-256";
/** The status of some thousands of nodes. */
const MAX_MESSAGE_BYTES = 4_000_000;

/**
 * Makes no call. `port` is the agents'. A connection is kept for the next request, for a few seconds, and after that the next one resumes
 * its TLS session: a launch, which asks each node twice, costs a handshake at most.
 */
export function createPeerClient(credentials: PeerCredentials, port: number = AGENT_PORT): PeerClient {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1 });
  const urlOf = (scheme: "https" | "wss", address: string, path: string) =>
    new URL(`${scheme}://${address}:${port}${path}`);
  const secure = () => ({ ca: credentials.trusted() });
  const authorization = () => ({ authorization: `Bearer ${credentials.peerToken()}` });
  const asking = () => ({ ...authorization(), "content-type": "application/json" });

  function heard(status: number | undefined): void {
    if (status === 401) credentials.doubt();
  }

  function explained(error: unknown): unknown {
    const reason = tlsReason(error);
    if (reason !== null) credentials.doubt();
    return reason ?? error;
  }

  /** A kept connection may end at the very moment of its next request: that goes again, on a new one. */
  async function call<T>(make: (kept: Agent | false) => Promise<T>): Promise<T> {
    try {
      return await make(agent).catch((error: unknown) => {
        if (error instanceof StaleConnectionError) return make(false);
        throw error;
      });
    } catch (error) {
      throw explained(error);
    }
  }

  return {
    get: (address, path, timeoutMs) =>
      call(() => requestText(urlOf("https", address, path), { method: "GET", ...secure(), timeoutMs })),
    async post(address, path, body, timeoutMs) {
      const url = urlOf("https", address, path);
      const reply = await call((kept) =>
        requestText(url, {
          ...{ method: "POST", headers: asking(), body, timeoutMs },
          ...{ ...secure(), agent: kept },
        }),
      );
      heard(reply.status);
      return reply;
    },
    async stream(address, path, body, gone) {
      const url = urlOf("https", address, path);
      const reply = await call((kept) =>
        open(url, { headers: asking(), ...secure(), agent: kept, signal: gone }, body),
      );
      heard(reply.statusCode);
      return reply;
    },
    dial(address, path, timeoutMs) {
      const socket = new WebSocket(urlOf("wss", address, path), {
        headers: authorization(),
        ca: [...credentials.trusted()],
        handshakeTimeout: timeoutMs,
        perMessageDeflate: false,
        ecdhCurve: LINK_CURVES,
        maxPayload: MAX_MESSAGE_BYTES,
      });
      socket.on("unexpected-response", (request, { statusCode }) => {
        heard(statusCode);
        request.destroy(new Error(`HTTP ${statusCode}`));
      });
      socket.on("error", (error) => {
        const reason = explained(error);
        if (reason !== error && reason instanceof Error) error.message = reason.message;
      });
      return socket;
    },
  };
}

/** Resolves with the answer's beginning. */
function open(
  url: URL,
  options: Parameters<typeof openRequest>[1] & { readonly signal: AbortSignal },
  body: string | Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = openRequest(url, { method: "POST", ...options }, body, resolve);
    const late = new Error(`no connection in ${CONNECT_TIMEOUT_MS / 1000} s`);
    const timer = setTimeout(() => sent.destroy(late), CONNECT_TIMEOUT_MS);
    sent.once("socket", (socket) => {
      const connected = () => {
        clearTimeout(timer);
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
      };
      if (sent.reusedSocket) connected();
      else socket.once("secureConnect", connected);
    });
    sent.once("error", (error) => {
      clearTimeout(timer);
      reject(StaleConnectionError.of(error, sent));
    });
  });
}
