import type { Logger } from "pino";
import { PREFLIGHT_PROBE } from "../contract/reasons.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { HostfileNode } from "./hostfile.js";

/** A node of a head's term. */
interface MarkedNode extends HostfileNode {
  readonly id: string;
}

/** The nodes that a preflight found bad. They are looked at again, less and less often, until one look finds them in order. */
export interface NodeMarks {
  /** From now on the node is marked. Cheap; may be called again. */
  mark(node: MarkedNode): void;
  has(id: string): boolean;
  /** The probes that fail on the node by its own word, and the preflight where it is marked. */
  allFailing(id: string, failingProbes: readonly string[]): readonly string[];
  /** Forgets the nodes that are no part of the cluster any more. */
  keepOnly(ids: ReadonlySet<string>): void;
  /** Looks at nothing any more. Call once. */
  stop(): void;
}

export interface NodeMarksDeps {
  /** The addresses of those that are still bad. Bounded. */
  recheck(nodes: readonly HostfileNode[]): Promise<readonly string[]>;
  /** The node was found in order. */
  onHealed(id: string): void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The pause before a look; each one that finds the node bad again doubles it. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** How many are looked at together. */
const AT_ONCE = 64;
const IDLE_MS = 60_000;

interface Mark {
  readonly node: MarkedNode;
  pauseMs: number;
  dueMs: number;
}

/** Makes the marks of one term; there are none at first. */
export function createNodeMarks({ recheck, onHealed, clock, log }: NodeMarksDeps): NodeMarks {
  const marks = new Map<string, Mark>();
  let hasBegun = false;
  const loop = createLoop({
    step,
    retryMs: FIRST_PAUSE_MS,
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "nodes that failed a preflight can't be looked at; trying again"),
    clock,
  });

  async function step(): Promise<number> {
    const nowMs = clock.monotonicMs();
    const due = [...marks.values()].filter(({ dueMs }) => dueMs <= nowMs).slice(0, AT_ONCE);
    if (due.length > 0) await look(due);
    const next = Math.min(...[...marks.values()].map(({ dueMs }) => dueMs));
    return Math.min(IDLE_MS, Math.max(1, next - clock.monotonicMs()));
  }

  async function look(due: readonly Mark[]): Promise<void> {
    const bad = await recheck(due.map(({ node }) => node));
    for (const mark of due) {
      const { id, address } = mark.node;
      if (marks.get(id) !== mark) continue;
      if (bad.includes(address)) {
        mark.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * mark.pauseMs);
        mark.dueMs = clock.monotonicMs() + mark.pauseMs;
        continue;
      }
      marks.delete(id);
      log.info({ node: id, address }, "a node that failed a preflight is in order again");
      onHealed(id);
    }
  }

  return {
    mark(node) {
      log.warn({ node: node.id, address: node.address }, "a node has failed a preflight: it is set aside");
      marks.set(node.id, {
        node,
        pauseMs: FIRST_PAUSE_MS,
        dueMs: clock.monotonicMs() + FIRST_PAUSE_MS,
      });
      if (hasBegun) loop.wake();
      else void loop.start();
      hasBegun = true;
    },
    has: (id) => marks.has(id),
    allFailing: (id, failingProbes) => [
      ...failingProbes.filter((name) => name !== PREFLIGHT_PROBE),
      ...(marks.has(id) ? [PREFLIGHT_PROBE] : []),
    ],
    keepOnly(ids) {
      for (const id of marks.keys()) if (!ids.has(id)) marks.delete(id);
    },
    stop: () => void loop.stop(),
  };
}
