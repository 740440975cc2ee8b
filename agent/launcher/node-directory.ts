import type { ClusterItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";

const KNOWN_MS = 10_000;
const UNKNOWN_MS = 1_000;

/**
 * Tells whether an address is that of a node of this cluster, by what the head has written in META. An answer "yes" may be
 * 10 s old, "no" 1 s, so that a launch on many nodes costs each of them one read at most. Rejects when the registry does not answer.
 */
export function createNodeDirectory(
  readCluster: () => Promise<Pick<ClusterItem, "nodes"> | null>,
  clock: Pick<Clock, "monotonicMs">,
): (address: string) => Promise<boolean> {
  let addresses: ReadonlySet<string> = new Set();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const startedAtMs = clock.monotonicMs();
    const meta = await readCluster();
    addresses = new Set(meta?.nodes.map(({ address }) => address));
    readAtMs = startedAtMs;
  }

  return async (address) => {
    const ageMs = clock.monotonicMs() - readAtMs;
    if (ageMs >= (addresses.has(address) ? KNOWN_MS : UNKNOWN_MS)) {
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    }
    return addresses.has(address);
  };
}
