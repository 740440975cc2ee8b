import type { IncomingMessage } from "node:http";
import { PREPARATION_PATH, type PreparationAnswer } from "../environments/node-route.js";
import type { AskPreparation } from "../environments/ports.js";
import type { PeerClient } from "./peer-client.js";

const MAX_ANSWER_BYTES = 131_072;

/** Asks the agents of nodes, this one's too, to get ready for a launch. To give up is to hang up, which ends the work there. */
export function createAskPreparation(peers: Pick<PeerClient, "stream">): AskPreparation {
  return async (address, body, timeoutMs, signal) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const reply = await peers.stream(address, PREPARATION_PATH, body, either);
    const text = await readText(reply);
    if (reply.statusCode !== 200) throw new Error(`HTTP ${reply.statusCode}: ${text.slice(0, 300)}`);
    return (JSON.parse(text) as PreparationAnswer).failure;
  };
}

async function readText(reply: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer has more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
