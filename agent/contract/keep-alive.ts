import { KEEP_ALIVE_MINUTES } from "./activity.js";
import { isClosed } from "./cluster-state.js";
import type { ClusterControl } from "./park.js";
import { clusterWrites } from "./writes/cluster.js";

/** `until`: as it is now, which may be later than was asked for. */
export type KeepAliveOutcome =
  | { readonly is: "kept"; readonly until: Date }
  | { readonly is: "parked" }
  | { readonly is: "closed" };

const ROUNDS = 10;

/**
 * Keeps a cluster awake for `minutes` from now, KEEP_ALIVE_MINUTES at most; where it is kept for longer already, it stays so. May run
 * twice, and at once. Throws RangeError for other minutes.
 */
export async function keepAlive(
  uuid: string,
  { readCluster, perform }: Pick<ClusterControl, "readCluster" | "perform">,
  minutes: number,
  now: Date,
): Promise<KeepAliveOutcome> {
  const { least, most } = KEEP_ALIVE_MINUTES;
  if (!Number.isInteger(minutes) || minutes < least || minutes > most)
    throw new RangeError(`minutes: got ${minutes}; expected a whole number from ${least} to ${most}`);
  const until = new Date(now.getTime() + minutes * 60_000);
  for (let round = 0; round < ROUNDS; round++) {
    const cluster = await readCluster();
    if (cluster === null || isClosed(cluster)) return { is: "closed" };
    if (cluster.clusterStatus === "PARKED") return { is: "parked" };
    const { keepAliveUntil } = cluster;
    const before = Date.parse(keepAliveUntil ?? "");
    if (before >= until.getTime()) return { is: "kept", until: new Date(before) };
    if (await perform(clusterWrites.keepAlive(uuid, until, keepAliveUntil))) return { is: "kept", until };
  }
  throw new Error("The cluster is written by others all the time.");
}
