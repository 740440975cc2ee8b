import type { NodeKind } from "../contract/node-kind.js";
import { isHeard } from "../contract/nodes.js";
import type { NodeItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";

/** A node as its item has it. */
export interface FoundNode {
  readonly instanceId: string;
  readonly kind: NodeKind;
}

const KNOWN_MS = 10_000;
const UNKNOWN_MS = 1_000;
const MOST_KEPT = 1_000;
/**
 * An agent that is restarted says goodbye, and its node is listed no more until it is back: its launches look for it meanwhile, for 20 s, and
 * must not be told that there is no such node.
 */
const GONE_MS = 30_000;

/** What of a head says which nodes it has. */
export interface ListedNodes {
  hostfileNow(): { readonly nodes: readonly { readonly address: string }[] } | null;
  instanceAt(address: string): string | null;
}

/** The worker of that address in the hostfile of the head that this node is; null: it is none, or does not list it. Pure. */
export function listedWorker(address: string, head: ListedNodes | null): FoundNode | null {
  const instanceId = head?.instanceAt(address) ?? null;
  if (instanceId === null) return null;
  const isListed = head?.hostfileNow()?.nodes.some((node) => node.address === address) ?? false;
  return isListed ? { instanceId, kind: "worker" } : null;
}

/**
 * Finds the node of this cluster that has an address: by `known`, which says what this node knows without asking, and else by the nodes'
 * items, which no job can write; null: no node that a head has heard has it, or had it until half a minute ago. A node may be 10 s old,
 * "none" 1 s, so that a launch on many nodes costs the node that launches one read at most. Rejects when the registry does not answer.
 */
export function createNodeDirectory(
  readNodes: () => Promise<readonly NodeItem[]>,
  clock: Pick<Clock, "monotonicMs">,
  known: (address: string) => FoundNode | null = () => null,
): (address: string) => Promise<FoundNode | null> {
  /** `seenAtMs`: when it was last listed. */
  let byAddress = new Map<string, FoundNode & { readonly seenAtMs: number }>();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const startedAtMs = clock.monotonicMs();
    const nodes = (await readNodes()).filter(isHeard);
    const gone = [...byAddress].filter(([, { seenAtMs }]) => startedAtMs - seenAtMs < GONE_MS);
    byAddress = new Map([
      ...gone,
      ...nodes.map(
        ({ address, instanceId, kind }) => [address, { instanceId, kind, seenAtMs: startedAtMs }] as const,
      ),
    ]);
    readAtMs = startedAtMs;
  }

  return async (address) => {
    const here = known(address);
    if (here !== null) {
      // It may be gone when it is asked for again, as its agent is restarted.
      byAddress.set(address, { ...here, seenAtMs: clock.monotonicMs() });
      return here;
    }
    const ageMs = clock.monotonicMs() - readAtMs;
    if (ageMs >= (byAddress.has(address) ? KNOWN_MS : UNKNOWN_MS)) {
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    }
    const found = byAddress.get(address);
    return found === undefined ? null : { instanceId: found.instanceId, kind: found.kind };
  };
}

/**
 * Tells whether the instance is a node of this cluster with that address. The id says only where to look: the item there says the
 * rest. So each node that a launch reaches reads one item at most, however many nodes there are: none where `isKnown`, as of the head that
 * it is connected to, by a certificate for that address. A "yes" may be 10 s old. Rejects when the registry does not answer.
 */
export function createNodeCheck(
  readNode: (instanceId: string) => Promise<NodeItem | null>,
  clock: Pick<Clock, "monotonicMs">,
  isKnown: (instanceId: string, address: string) => boolean = () => false,
): (instanceId: string, address: string) => Promise<boolean> {
  /** When each was last found to be one: "<instance> <address>". */
  const found = new Map<string, number>();
  return async (instanceId, address) => {
    if (isKnown(instanceId, address)) return true;
    const pair = `${instanceId} ${address}`;
    const askedAtMs = clock.monotonicMs();
    if (askedAtMs - (found.get(pair) ?? Number.NEGATIVE_INFINITY) < KNOWN_MS) return true;
    const node = await readNode(instanceId);
    found.delete(pair);
    if (node === null || !isHeard(node) || node.address !== address) return false;
    if (found.size >= MOST_KEPT) found.clear();
    found.set(pair, askedAtMs);
    return true;
  };
}
