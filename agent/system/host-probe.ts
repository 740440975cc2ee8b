import { AGENT_PORT } from "../contract/names.js";
import { reasonOf } from "../errors.js";
import type { HostProbe } from "../jobs/ports.js";

/** Asks the agents on other nodes for /healthz over HTTP. */
export function createHostProbe(port: number = AGENT_PORT): HostProbe {
  return {
    async healthz(address, timeoutMs) {
      try {
        const reply = await fetch(`http://${address}:${port}/healthz`, {
          signal: AbortSignal.timeout(timeoutMs),
        });
        await reply.arrayBuffer();
        return reply.ok ? null : `HTTP ${reply.status}`;
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        if (error instanceof Error && error.name === "TimeoutError")
          return `no answer in ${timeoutMs / 1000} s`;
        return reasonOf(cause ?? error);
      }
    },
  };
}
