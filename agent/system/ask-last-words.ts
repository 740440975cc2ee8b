import { LAST_WORDS_PATH, type LastWordsDeps } from "../head/last-words.js";
import type { PeerClient } from "./peer-client.js";

/** A node that can't be heard has gone with what it would have said. */
const TIMEOUT_MS = 15_000;

/** Asks the agents of nodes, this one's too, to keep their journals. */
export function createAskLastWords(peers: Pick<PeerClient, "post">): LastWordsDeps["askNode"] {
  return async (address) => {
    const reply = await peers.post(address, LAST_WORDS_PATH, "{}", TIMEOUT_MS);
    if (reply.status !== 200) throw new Error(`HTTP ${reply.status}`);
    return (JSON.parse(reply.body) as { readonly uri: string }).uri;
  };
}
