import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import split from "split2";
import { AgentError, reasonOf } from "../errors.js";
import type { LaunchEnd } from "../launcher/launches.js";
import type { LaunchEvent } from "../launcher/rank-events.js";
import { type ForwardLaunch, LAUNCH_PATH } from "../launcher/routes.js";
import type { PeerClient } from "./peer-client.js";

/** Hands a launch to the agent of another node and waits, as long as its ranks run, for the end. */
export function createForwardLaunch(peers: Pick<PeerClient, "stream">): ForwardLaunch {
  return async (host, launch, gone, onEvent) => {
    try {
      const reply = await peers.stream(host, LAUNCH_PATH, JSON.stringify(launch), gone);
      if (reply.statusCode === 200) return await followLaunch(reply, onEvent);
      const { error } = JSON.parse(await text(reply)) as { error?: { message: string } };
      const code = reply.statusCode === 400 ? "launch-refused" : "launch-failed";
      throw new AgentError(code, `${host}: ${error?.message ?? `HTTP ${reply.statusCode}`}`);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      throw new AgentError("launch-failed", `${host}: ${reasonOf(error)}`, error);
    }
  };
}

/** Reads the reply line by line, to the launch's end. Not by node:readline: since Node.js 24 it ends a line at U+2028 too. */
async function followLaunch(
  reply: IncomingMessage,
  onEvent: (event: LaunchEvent) => void,
): Promise<LaunchEnd> {
  // An error of the reply reaches the loop by the lines.
  const lines = pipeline(reply, split("\n"), () => undefined);
  for await (const line of lines) {
    const value = JSON.parse(String(line)) as LaunchEvent | LaunchEnd;
    if (!("type" in value)) return value;
    onEvent(value);
  }
  throw new Error("the connection ended before the launch");
}
