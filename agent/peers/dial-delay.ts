/** A head takes some 1,000 TLS handshakes a second with one core: this leaves it half of that core. */
const PER_NODE_MS = 2;
const MAX_SPREAD_MS = 10_000;
/** After failures, however small the cluster is. */
const BACK_OFF = { firstMs: 250, mostMs: 2_000 } as const;

/**
 * How long a node waits before it dials the head, so that the nodes of a cluster, which lose a head in the same moment, don't come back in
 * one. The spread follows from their number, so a small cluster waits for nothing, and it is there at the first try as at any other: a
 * success resets the back-off, and never the spread. `random` is from [0, 1). Pure.
 */
export function dialDelayMs({
  nodes,
  failures,
  random,
}: {
  /** As the last head said. */
  readonly nodes: number;
  /** Tries in a row that came to nothing. */
  readonly failures: number;
  readonly random: number;
}): number {
  const spreadMs = Math.min(MAX_SPREAD_MS, nodes * PER_NODE_MS);
  const backOffMs = failures === 0 ? 0 : Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** (failures - 1));
  return Math.floor(random * Math.max(spreadMs, backOffMs));
}
