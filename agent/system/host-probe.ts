import { AGENT_PORT } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import type { HostProbe } from "../jobs/ports.js";
import { requestText } from "./http-text.js";

/** Asks the agents on other nodes for /healthz over HTTP. */
export function createHostProbe(port: number = AGENT_PORT): HostProbe {
  return {
    async healthz(address, timeoutMs) {
      try {
        const url = new URL(`http://${address}:${port}/healthz`);
        const { status } = await requestText(url, { method: "GET", timeoutMs });
        return status === 200 ? null : `HTTP ${status}`;
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}
