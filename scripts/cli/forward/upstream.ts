import { Agent, request } from "node:https";
import { connect } from "node:net";
import { checkServerIdentity } from "node:tls";
import { NOTEBOOK_BASE_PATH, NOTEBOOK_PORT } from "../../../agent/contract/notebook.js";
import type { Forwarding, NotebookUpstream, UpstreamAnswer } from "../core/forwarding.js";

/** JupyterLab's status, which does not count as activity when it is asked for so. */
const STATUS_PATH = `${NOTEBOOK_BASE_PATH}api/status?no_track_activity=1`;
const CONNECT_MS = 10_000;
/**
 * How long a connection is kept without a request: the agent closes it after 5 s. A request on one that is just being closed would fail,
 * and look as if the way to the node were gone. Node.js heeds the agent's own word on it only where this is not 0.
 */
const UNUSED_MS = 4_000;

const agents = new WeakMap<NotebookUpstream, Agent>();

/** The connections to an upstream. Each is kept for further requests; none is used before the node has proved to be that one. */
export function agentOf(upstream: NotebookUpstream): Agent {
  const made =
    agents.get(upstream) ??
    new Agent({
      keepAlive: true,
      maxFreeSockets: 8,
      timeout: UNUSED_MS,
      ca: [...upstream.authorities],
      // Not the host's, which is this machine where there is a tunnel.
      checkServerIdentity: (_host, certificate) => checkServerIdentity(upstream.address, certificate),
    });
  agents.set(upstream, made);
  return made;
}

/** What OpenSSL and Node.js say of a server that is not who it should be. */
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_|ERR_SSL_|EPROTO)/;
/** Whether a connection ended because of the server's certificate, and not of the way to it. */
export const isUntrusted = ({ code = "" }: NodeJS.ErrnoException): boolean => UNTRUSTED.test(code);

/** See Forwarding. */
export const reach: Forwarding["reach"] = (place, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect(place);
    const timer = setTimeout(() => socket.destroy(), timeoutMs);
    let isReached = false;
    socket.once("connect", () => {
      isReached = true;
      socket.destroy();
    });
    socket.once("error", () => undefined);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(isReached);
    });
  });

/** See Forwarding. */
export const ask: Forwarding["ask"] = (upstream, timeoutMs) =>
  new Promise<UpstreamAnswer>((resolve) => {
    const { host, port, address, token } = upstream;
    const call = request(
      {
        ...{
          host,
          port,
          path: STATUS_PATH,
          agent: agentOf(upstream),
          signal: AbortSignal.timeout(timeoutMs),
        },
        headers: { host: `${address}:${NOTEBOOK_PORT}`, authorization: `Bearer ${token}` },
      },
      (reply) => {
        const { statusCode: status = 0 } = reply;
        reply.on("error", () => undefined).resume();
        resolve(status >= 200 && status < 300 ? { is: "good" } : { is: "status", status });
      },
    );
    call.setTimeout(Math.min(timeoutMs, CONNECT_MS));
    call.once("timeout", () => call.destroy(new Error("it takes too long")));
    call.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ is: isUntrusted(error) ? "untrusted" : "silent", why: error.message }),
    );
    call.end();
  });
