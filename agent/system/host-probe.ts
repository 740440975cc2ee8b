import { reasonOf } from "../errors.js";
import type { HostProbe } from "../jobs/ports.js";
import type { PeerClient } from "./peer-client.js";

/** Asks the agents on other nodes for /healthz. */
export function createHostProbe(peers: Pick<PeerClient, "get">): HostProbe {
  return {
    async healthz(address, timeoutMs) {
      try {
        const { status } = await peers.get(address, "/healthz", timeoutMs);
        return status === 200 ? null : `HTTP ${status}`;
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}
