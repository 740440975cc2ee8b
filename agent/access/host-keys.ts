import type { NodeAccess } from "../contract/node-access.js";
import type { Clock } from "../time/clock.js";

/** Finds the host keys of a node of this cluster. */
export interface HostKeys {
  /**
   * The lines of known_hosts for a node's address or host name; none: no node of this cluster has it. Rejects when the registry does
   * not answer and nothing was read before.
   */
  linesFor(host: string): Promise<readonly string[]>;
}

const FRESH_MS = 10_000;
/** A node may have come a moment ago. */
const UNKNOWN_MS = 1_000;

/**
 * Host keys by the nodes' items in the registry, which no job can write. One read of all nodes serves every connection of 10 s. While the
 * registry is away, what was read last counts: a node's host key does not change.
 */
export function createHostKeys(
  readNodes: () => Promise<readonly NodeAccess[]>,
  clock: Pick<Clock, "monotonicMs">,
): HostKeys {
  let known: ReadonlyMap<string, readonly string[]> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const startedAtMs = clock.monotonicMs();
    try {
      known = keysByHost(await readNodes());
    } catch (error) {
      if (known === null) throw error;
    }
    readAtMs = startedAtMs;
  }

  return {
    async linesFor(host) {
      const ageMs = clock.monotonicMs() - readAtMs;
      if (ageMs >= (known?.has(host) === true ? FRESH_MS : UNKNOWN_MS)) {
        reading ??= read().finally(() => {
          reading = null;
        });
        await reading;
      }
      return (known?.get(host) ?? []).map((key) => `${host} ${key}`);
    },
  };
}

/** A name that two nodes have counts for neither: it would make one of them the other. */
function keysByHost(nodes: readonly NodeAccess[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const twice = new Set<string>();
  for (const { address, hostname, sshHostKeys } of nodes)
    for (const host of new Set([address, hostname])) {
      if (found.has(host)) twice.add(host);
      found.set(host, sshHostKeys);
    }
  for (const host of twice) found.delete(host);
  return found;
}
