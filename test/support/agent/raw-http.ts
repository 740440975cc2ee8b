import { connect, type Socket } from "node:net";
import { connect as secure, type TLSSocket } from "node:tls";
import { testAuthority } from "./tls.js";

/** What came back on a connection until it was closed, or until the reply was complete. */
export interface RawReply {
  /** 0: closed without a reply. */
  readonly status: number;
  readonly bytes: number;
  readonly text: string;
}

const AUTHORITY = testAuthority();

/** Opens a TCP connection to the port on 127.0.0.1, from `localAddress`. Its errors are ends like others. */
export function openBare(port: number, localAddress = "127.0.0.1"): Socket {
  const socket = connect({ host: "127.0.0.1", port, localAddress });
  socket.on("error", () => {});
  return socket;
}

/** The same with TLS over it, to an app of the test cluster. What is written waits for the handshake's end. */
export function open(port: number, localAddress = "127.0.0.1"): TLSSocket {
  const socket = secure({
    ...{ host: "127.0.0.1", port, ca: AUTHORITY },
    socket: openBare(port, localAddress),
  });
  socket.on("error", () => {});
  return socket;
}

/** Sends `head` and `body` as they are, and reads one reply. */
export async function exchange(
  port: number,
  head: string,
  body: Uint8Array = Buffer.alloc(0),
): Promise<RawReply> {
  const socket = open(port);
  socket.write(`${head}\r\n\r\n`);
  socket.write(body);
  const reply = await readReply(socket);
  socket.destroy();
  return reply;
}

export function readReply(socket: Socket): Promise<RawReply> {
  let text = "";
  return new Promise((resolve) => {
    const done = () => resolve({ status: statusOf(text), bytes: Buffer.byteLength(text), text });
    socket.on("data", (chunk) => {
      text += String(chunk);
      if (isComplete(text)) done();
    });
    socket.on("close", done);
  });
}

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);

function isComplete(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return Buffer.byteLength(text.slice(end + 4)) >= length;
}
