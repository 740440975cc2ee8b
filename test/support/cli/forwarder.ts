import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { type WebSocket, WebSocketServer } from "ws";
import { roleToken } from "../../../agent/contract/tokens.js";
import type { Forwarding, NotebookUpstream } from "../../../scripts/cli/core/forwarding.js";
import { CLUSTER_SECRET, testAuthority, testServer } from "../agent/tls.js";

/** The forwarder as the command's bundle has it: its proxy is an ESM package, which tests can't load as it is. */
export function loadForwarding(): Forwarding {
  const folder = mkdtempSync(join(tmpdir(), "muster-forwarder-"));
  try {
    const outfile = join(folder, "forwarding.cjs");
    const entry = join(__dirname, "../../../scripts/cli/forward/forwarding.ts");
    const settings = { bundle: true, platform: "node", format: "cjs", logLevel: "error" } as const;
    buildSync({ entryPoints: [entry], outfile, ...settings });
    return (require(outfile) as { systemForwarding: Forwarding }).systemForwarding;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What reached the stand-in for a notebook's agent. */
interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bodyBytes: number;
}

/** A stand-in for the agent of a notebook's node: HTTPS with the cluster's own certificate, and WebSockets that echo. */
export interface PlayedAgent {
  readonly seen: SeenRequest[];
  /** WebSockets that are open. */
  readonly sockets: ReadonlySet<WebSocket>;
  /** The status of JupyterLab's. */
  status: number;
  /** Who has closed each of its connections that is closed. */
  readonly closedBy: ("agent" | "forwarder")[];
  upstream(overrides?: Partial<NotebookUpstream>): NotebookUpstream;
  /** How many bytes of the endless answer were accepted by now. */
  sentBytes(): number;
  close(): Promise<void>;
}

const PIECE = Buffer.alloc(65_536, "x");

/**
 * `address`: what its certificate is for. It listens on 127.0.0.1, as the end of a tunnel would. It closes connections without a request
 * after `keepAliveSeconds`, and says so.
 */
export async function playAgent(address = "127.0.0.1", keepAliveSeconds = 5): Promise<PlayedAgent> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<WebSocket>();
  const played = { status: 200 };
  const closedBy: PlayedAgent["closedBy"] = [];
  let sent = 0;
  const server: Server = createServer(testServer(address), async (request, response) => {
    const { method = "", url = "", headers } = request;
    let bodyBytes = 0;
    for await (const chunk of request) bodyBytes += (chunk as Buffer).length;
    seen.push({ method, url, headers, bodyBytes });
    if (url.startsWith("/notebook/broken"))
      return void response.writeHead(200).write("x", () => request.socket.destroy());
    if (url.startsWith("/notebook/endless")) {
      const closed = new Promise((resolve) => response.once("close", resolve));
      while (!response.destroyed) {
        sent += PIECE.length;
        if (response.write(PIECE)) continue;
        await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
      }
      return undefined;
    }
    response.writeHead(played.status, {
      "set-cookie": "jupyter=1; Path=/",
      "content-type": "application/json",
    });
    return void response.end(JSON.stringify({ method, url, headers, bodyBytes }));
  });
  server.keepAliveTimeout = keepAliveSeconds * 1_000;
  server.on("secureConnection", (socket) => {
    socket.once("close", () => closedBy.push(socket.readableEnded ? "forwarder" : "agent"));
  });
  const webSockets = new WebSocketServer({
    server,
    maxPayload: 16_777_216,
    handleProtocols: ([first]) => first ?? false,
  });
  webSockets.on("connection", (socket, { url = "", method = "", headers }) => {
    seen.push({ method, url, headers, bodyBytes: 0 });
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(played, {
    ...{ seen, sockets, closedBy, sentBytes: () => sent },
    upstream: (overrides = {}) => ({
      ...{ host: "127.0.0.1", port, address, authorities: [testAuthority()] },
      token: roleToken(CLUSTER_SECRET, "operator"),
      ...overrides,
    }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.terminate();
        server.closeAllConnections();
      }),
  });
}
