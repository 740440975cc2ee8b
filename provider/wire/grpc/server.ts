import {
  createSecureServer,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { TlsIdentity } from "../certificate.js";
import { bounded } from "../text.js";
import { encodedText, GrpcError, messageHead, onlyMessage, STATUS } from "./message.js";

/** Answers a unary call: `path` is like /tfplugin6.Provider/GetMetadata. GrpcError says the status; anything else is INTERNAL. */
export type Answer = (path: string, request: Buffer) => Promise<Uint8Array>;

/** Who may connect: the owner of that certificate. Null: without TLS. */
export type Trust = { readonly identity: TlsIdentity; readonly clientCertificatePem: string } | null;

export interface GrpcServer {
  accept(socket: Socket): void;
  /** Takes no further calls. Those in progress are answered; then each connection closes. */
  close(): void;
}

const LONGEST_ERROR = 500;
const HEADERS = { ":status": 200, "content-type": "application/grpc+proto" } as const;

/**
 * A gRPC server of unary calls, as far as Terraform needs one. Own code: @grpc/grpc-js takes longer to load than Node.js takes to start,
 * and Terraform starts a provider up to four times for one command.
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export function createGrpcServer(trust: Trust, answer: Answer): GrpcServer {
  const server = http2Server(trust);
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  // A connection that breaks, or a stranger's, ends itself: there is nobody to tell.
  for (const event of ["sessionError", "tlsClientError"]) server.on(event, () => undefined);
  server.on("stream", (stream, { ":path": path = "" }) => serveCall(stream, (body) => answer(path, body)));
  return {
    accept: (socket) => {
      socket.on("error", () => socket.destroy());
      server.emit("connection", socket);
    },
    close() {
      for (const session of sessions) session.close();
    },
  };
}

function http2Server(trust: Trust): Http2Server {
  // Calls of a large configuration are open at once, and each may be megabytes: the default of 10 MB a connection ends it.
  const options = { maxSessionMemory: Number.MAX_SAFE_INTEGER };
  if (trust === null) return createServer(options);
  const { identity, clientCertificatePem } = trust;
  const own = { key: identity.keyPem, cert: identity.certificatePem };
  const client = { ca: clientCertificatePem, requestCert: true, rejectUnauthorized: true };
  return createSecureServer({ ...options, ...own, ...client });
}

/** The client may be gone at any moment: what it does not hear is dropped. */
function serveCall(stream: ServerHttp2Stream, answer: (request: Buffer) => Promise<Uint8Array>): void {
  const parts: Buffer[] = [];
  stream.on("error", () => undefined);
  stream.on("data", (part: Buffer) => parts.push(part));
  stream.once("end", () => {
    Promise.resolve()
      .then(() => answer(onlyMessage(Buffer.concat(parts))))
      .then(
        (bytes) => succeed(stream, bytes),
        (error: unknown) => fail(stream, error),
      );
  });
}

function succeed(stream: ServerHttp2Stream, bytes: Uint8Array): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(STATUS.ok) }));
  stream.cork();
  stream.write(messageHead(bytes.length));
  stream.end(bytes);
}

function fail(stream: ServerHttp2Stream, error: unknown): void {
  if (stream.destroyed || stream.closed) return;
  const status = error instanceof GrpcError ? error.status : STATUS.internal;
  const text = error instanceof GrpcError ? error.message : String(error);
  const trailers = {
    "grpc-status": String(status),
    "grpc-message": encodedText(bounded(text, LONGEST_ERROR)),
  };
  stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
}
