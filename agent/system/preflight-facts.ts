import { reasonOf } from "../errors.js";
import type { NodeFacts, NodeKit } from "../jobs/node-facts.js";
import type { Cgroups } from "./cgroups.js";

export interface PreflightFactsDeps {
  readonly instanceId: string;
  readonly agentVersion: string;
  kit(): Promise<NodeKit>;
  /** This machine's cores now. */
  cores(): Promise<number>;
  readShared(nonce: string): Promise<NodeFacts["shared"]>;
  readonly cgroups: Pick<Cgroups, "verify">;
}

/** Gathers what this node answers a preflight. Each part is bounded; they are read at once. */
export function createPreflightFacts(deps: PreflightFactsDeps): (nonce: string) => Promise<NodeFacts> {
  return async (nonce) => {
    const [kit, cores, shared, cgroup] = await Promise.all([
      deps.kit(),
      deps.cores(),
      deps.readShared(nonce),
      deps.cgroups.verify().then(
        () => null,
        (error: unknown) => reasonOf(error).slice(0, 500),
      ),
    ]);
    const { instanceId, agentVersion } = deps;
    return { instanceId, agentVersion, ...kit, cores, shared, cgroup };
  };
}
