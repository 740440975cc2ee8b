import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { NOTEBOOK_BASE_PATH } from "../../../agent/contract/notebook.js";
import { failure } from "../core/exit.js";
import type { Forwarder, Serving } from "../core/forwarding.js";
import { createOnward } from "./onward.js";
import { codePage, enteredPage, openingPage, PAGE_HEADERS, problemPage } from "./pages.js";
import { judge } from "./policy.js";
import { createSessions, type Sessions } from "./sessions.js";

const MOST_CODE_BYTES = 1_024;
const MOST_CONNECTIONS = 512;
/** Longer than a browser leaves a connection unused. */
const KEEP_ALIVE_MS = 75_000;
const WRONG_CODE =
  "That code is not good: it was used, its minute is over, or it was never one. Another one is in the terminal.";
const NO_SESSION = "This browser has no session with muster notebook open: open its address again.";

/** See Forwarding: HTTP on 127.0.0.1, for this machine's browsers alone. */
export async function serve(serving: Serving): Promise<Forwarder> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listen(server, serving.port);
  const sessions = createSessions(port, serving.now);
  const onward = createOnward(serving);
  const sockets = new Set<Duplex>();

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const verdict = judge({ ...askedBy(request), isUpgrade: false }, port);
    if (verdict.is === "refused") return answer(response, verdict.status, problemPage(verdict.why));
    if (verdict.is === "code") return void takeCode(request, response, sessions, () => showCode());
    const isKnown = sessions.holds(request.headers.cookie);
    if (verdict.is === "start") {
      if (isKnown) return void response.writeHead(303, { location: `${NOTEBOOK_BASE_PATH}lab` }).end();
      showCode();
      return answer(response, 200, codePage(null));
    }
    return isKnown ? onward.web(request, response) : answer(response, 401, problemPage(NO_SESSION));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Before it is passed on nothing else listens.
    socket.on("error", () => undefined);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const verdict = judge({ ...askedBy(request), isUpgrade: true }, port);
    if (verdict.is === "refused") return refuse(socket, verdict.status);
    if (verdict.is !== "notebook" || !sessions.holds(request.headers.cookie)) return refuse(socket, 401);
    return onward.upgrade(request, socket, head);
  });

  /** One at a time, so that pages that are asked for again and again do not fill the terminal. */
  function showCode(): void {
    if (!sessions.hasCode()) serving.onCode(sessions.newCode("person"));
  }

  return {
    port,
    newCode: () => sessions.newCode("person"),
    openingPage: () => openingPage(port, sessions.newCode("browser")),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const askedBy = ({ method = "", url = "", rawHeaders }: IncomingMessage) => ({ method, url, rawHeaders });

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      const why = code === "EADDRINUSE" ? "another program listens there" : message;
      reject(
        failure(`Port ${port} of 127.0.0.1 can't be used: ${why}. Give another one with --port, or none.`),
      );
    });
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

async function takeCode(
  request: IncomingMessage,
  response: ServerResponse,
  sessions: Sessions,
  showCode: () => void,
): Promise<void> {
  const typed = await codeIn(request).catch(() => null);
  const cookie = typed === null ? null : sessions.redeem(typed);
  if (cookie !== null) return answer(response, 200, enteredPage(), { "set-cookie": cookie });
  showCode();
  return answer(response, 403, codePage(WRONG_CODE), { connection: "close" });
}

/** Null: there is none, or too much. */
async function codeIn(request: IncomingMessage): Promise<string | null> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return null;
  let text = "";
  for await (const chunk of request) {
    text += (chunk as Buffer).toString("latin1");
    if (text.length > MOST_CODE_BYTES) return null;
  }
  return new URLSearchParams(text).get("code");
}

function answer(
  response: ServerResponse,
  status: number,
  html: string,
  more: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...PAGE_HEADERS, ...more }).end(html);
}

const TEXTS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
};

/** Nothing was passed on yet, so the agent has not heard of it. */
function refuse(socket: Duplex, status: number): void {
  const text = TEXTS[status] ?? "Refused";
  socket.end(`HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  (socket as Socket).destroySoon?.();
}
