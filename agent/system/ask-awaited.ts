import { AWAITED_PATH, type AwaitedAnswer } from "../launcher/awaited.js";
import type { AskAwaited } from "../launcher/orphans.js";
import type { PeerClient } from "./peer-client.js";
import { tlsReason } from "./tls-reason.js";

/** Two of these are over within 5 s of a head's loss. */
const TIMEOUT_MS = 1_200;
/** The machine itself says that nothing listens, or that what did has just ended. */
const REFUSALS: readonly unknown[] = ["ECONNREFUSED", "ECONNRESET"];
/** Or it shows a certificate, if not one that counts: as in the moments of a rotation. */
const isSign = (error: unknown): boolean =>
  REFUSALS.includes((error as NodeJS.ErrnoException).code) || tlsReason(error) !== null;

/** Asks the agents of other nodes which launches are waited for. Any answer that is none counts as not known. */
export function createAskAwaited(peers: Pick<PeerClient, "post">): AskAwaited {
  return async (address, launchId) => {
    try {
      const reply = await peers.post(address, AWAITED_PATH, JSON.stringify({ id: launchId }), TIMEOUT_MS);
      return reply.status === 200 ? readAnswer(reply.body) : "unknown";
    } catch (error) {
      return isSign(error) ? "unknown" : "silent";
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
