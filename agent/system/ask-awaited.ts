import { AWAITED_PATH, type AwaitedAnswer } from "../launcher/awaited.js";
import type { AskAwaited } from "../launcher/orphans.js";
import type { PeerClient } from "./peer-client.js";

const TIMEOUT_MS = 3_000;

/** Asks the agents of other nodes which launches are waited for. Any answer that is none counts as not known. */
export function createAskAwaited(peers: Pick<PeerClient, "post">): AskAwaited {
  return async (address, launchId) => {
    const reply = await peers.post(address, AWAITED_PATH, JSON.stringify({ id: launchId }), TIMEOUT_MS);
    if (reply.status !== 200) return null;
    const { awaited } = JSON.parse(reply.body) as AwaitedAnswer;
    return typeof awaited === "boolean" ? awaited : null;
  };
}
