import { type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { AGENT_PORT } from "../contract/names.js";
import { AgentError, reasonOf } from "../errors.js";
import type { LaunchEnd } from "../launcher/launches.js";
import type { LaunchEvent } from "../launcher/rank-events.js";
import type { ForwardLaunch, LaunchRequest } from "../launcher/routes.js";

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 5_000;

/**
 * Hands a launch to the agent of another node and waits, as long as its ranks run, for the end. A node that falls silent is
 * noticed by TCP's keep-alive within about 15 s.
 */
export function createForwardLaunch(peerToken: string, port: number = AGENT_PORT): ForwardLaunch {
  return async (host, launch, gone, onEvent) => {
    try {
      const reply = await post(host, port, peerToken, launch, gone);
      if (reply.statusCode === 200) return await followLaunch(reply, onEvent);
      const { error } = JSON.parse(await textOf(reply)) as { error?: { message: string } };
      const code = reply.statusCode === 400 ? "launch_refused" : "launch_failed";
      throw new AgentError(code, `${host}: ${error?.message ?? `HTTP ${reply.statusCode}`}`);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      throw new AgentError("launch_failed", `${host}: ${reasonOf(error)}`, error);
    }
  };
}

function post(
  host: string,
  port: number,
  peerToken: string,
  launch: LaunchRequest,
  gone: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify(launch);
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      authorization: `Bearer ${peerToken}`,
    };
    const sent = request({
      host,
      port,
      path: "/v1/launch",
      method: "POST",
      headers,
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

/** Reads the reply line by line, to the launch's end. */
async function followLaunch(
  reply: IncomingMessage,
  onEvent: (event: LaunchEvent) => void,
): Promise<LaunchEnd> {
  for await (const line of createInterface({ input: reply, crlfDelay: Number.POSITIVE_INFINITY })) {
    const value = JSON.parse(line) as LaunchEvent | LaunchEnd;
    if (!("type" in value)) return value;
    onEvent(value);
  }
  throw new Error("the connection ended before the launch");
}

async function textOf(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
