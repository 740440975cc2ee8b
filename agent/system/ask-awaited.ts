import { AWAITED_PATH, type AwaitedAnswer } from "../launcher/awaited.js";
import type { AskAwaited } from "../launcher/orphans.js";
import type { PeerClient } from "./peer-client.js";

const TIMEOUT_MS = 1_500;
/** The machine itself says that nothing listens, or that what did has just ended. */
const REFUSALS: readonly unknown[] = ["ECONNREFUSED", "ECONNRESET"];

/** Asks the agents of other nodes which launches are waited for. Any answer that is none counts as not known. */
export function createAskAwaited(peers: Pick<PeerClient, "post">): AskAwaited {
  return async (address, launchId) => {
    try {
      const reply = await peers.post(address, AWAITED_PATH, JSON.stringify({ id: launchId }), TIMEOUT_MS);
      return reply.status === 200 ? readAnswer(reply.body) : "unknown";
    } catch (error) {
      return REFUSALS.includes((error as NodeJS.ErrnoException).code) ? "unknown" : "silent";
    }
  };
}

function readAnswer(body: string): boolean | "unknown" {
  try {
    const { awaited } = JSON.parse(body) as AwaitedAnswer;
    return typeof awaited === "boolean" ? awaited : "unknown";
  } catch {
    return "unknown";
  }
}
