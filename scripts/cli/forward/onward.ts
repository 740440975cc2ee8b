import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createProxyServer } from "httpxy";
import type { NotebookUpstream, Serving } from "../core/forwarding.js";
import { PAGE_HEADERS, waitingPage } from "./pages.js";
import { headersOnward } from "./policy.js";
import { agentOf, isUntrusted } from "./upstream.js";

/** For the answer to a WebSocket's request. */
const UPGRADE_MS = 20_000;
const AWAY =
  "The notebook does not answer at the moment. muster looks for it, and this page asks again by itself.";
const SECURITY = "The notebook's node has not proved to be one of the cluster's, so nothing was sent to it.";

/** Passes requests on that may pass, both ways as fast as their reader reads. */
interface Onward {
  web(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export function createOnward({ upstream, onFailure }: Pick<Serving, "upstream" | "onFailure">): Onward {
  const proxy = createProxyServer();

  proxy.on("proxyRes", (reply) => {
    // Cookies of this host are sent to all of its ports: JupyterLab needs none behind the token.
    delete reply.headers["set-cookie"];
    if (reply.statusCode === 401) onFailure("the notebook's agent refuses the token");
  });
  proxy.on("proxyReqWs", (onward, _request, socket) => {
    // Whichever side ends first, the other one does too: else the kernel's connection would stay open.
    socket.once("close", () => onward.destroy());
    onward.once("upgrade", (_reply, theirs) => {
      socket.once("close", () => theirs.destroy());
      theirs.once("close", () => socket.destroy());
      if (socket.destroyed) theirs.destroy();
    });
  });

  function failed(error: Error, response: ServerResponse | Duplex, isLeft: boolean): void {
    if (!isLeft) onFailure(error.message);
    if ("headersSent" in response) sendAway(response, isUntrusted(error) ? SECURITY : AWAY);
    else response.destroy();
  }

  return {
    web(request, response) {
      const to = upstream();
      if (to === null) return sendAway(response, AWAY);
      request.headers = onwardHeaders(request, to, false);
      proxy
        .web(request, response, optionsFor(to))
        .catch((error: Error) => failed(error, response, response.destroyed));
    },
    upgrade(request, socket, head) {
      const to = upstream();
      if (to === null) return void socket.destroy();
      request.headers = onwardHeaders(request, to, true);
      proxy
        .ws(request, socket as never, { ...optionsFor(to), upgradeTimeout: UPGRADE_MS }, head)
        .catch((error: Error) => failed(error, socket, socket.destroyed));
    },
  };
}

const onwardHeaders = (
  { headers }: IncomingMessage,
  { address, token }: NotebookUpstream,
  isUpgrade: boolean,
) => headersOnward(headers, { address, token, isUpgrade });

const optionsFor = (to: NotebookUpstream) => ({
  target: { protocol: "https:", host: to.host, port: to.port },
  agent: agentOf(to),
  secure: true,
});

function sendAway(response: ServerResponse, why: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  response.writeHead(502, { ...PAGE_HEADERS, "retry-after": "3" }).end(waitingPage(why));
}
