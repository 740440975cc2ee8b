import { PREFLIGHT_PATH, parseNodeFacts } from "../jobs/node-facts.js";
import type { PreflightDeps } from "../jobs/preflight.js";
import type { PeerClient } from "./peer-client.js";

/** Asks the agents of other nodes for their facts. */
export function createAskNodeFacts(peers: Pick<PeerClient, "post">): PreflightDeps["ask"] {
  return async (address, question, timeoutMs) => {
    const { status, body } = await peers.post(address, PREFLIGHT_PATH, JSON.stringify(question), timeoutMs);
    if (status === 404) throw new Error("its agent is of a version that knows no preflight");
    if (status !== 200) throw new Error(`HTTP ${status}`);
    return parseNodeFacts(body);
  };
}
