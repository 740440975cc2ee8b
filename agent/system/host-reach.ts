import type { HostReach } from "../jobs/lost-hosts.js";
import type { PeerClient } from "./peer-client.js";

/** Asks the agents of other nodes for a sign, by their open route. */
export function createHostReach(peers: Pick<PeerClient, "get">): HostReach {
  return {
    async reach(address, timeoutMs) {
      try {
        await peers.get(address, "/healthz", timeoutMs);
        return "answers";
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // The machine itself says that nothing listens, or that what did has just ended.
        return code === "ECONNREFUSED" || code === "ECONNRESET" ? "refuses" : "none";
      }
    },
  };
}
