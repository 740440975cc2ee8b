import { isDeepStrictEqual } from "node:util";
import pMap from "p-map";
import type { NodeDrain } from "../contract/node-drain.js";
import { isHeard } from "../contract/nodes.js";
import { SILENT_PROBE } from "../contract/reasons.js";
import type { NodeItem, NodeSummary } from "../contract/registry.js";
import type { NodeReport } from "../contract/writes/node.js";
import type { Clock } from "../time/clock.js";

/** The nodes' items in the registry, as the head needs them. */
export interface NodeStore {
  /** All of them, consistently read. */
  readNodes(): Promise<readonly NodeItem[]>;
  /** False, and nothing written, where a newer head has written. May run twice. */
  reportNode(generation: number, report: NodeReport): Promise<boolean>;
  /** As reportNode; an item that is gone already is no error. */
  forgetNode(generation: number, instanceId: string): Promise<boolean>;
}

/** Keeps the nodes' items as the head sees the nodes: for one term. */
export interface NodeRecords {
  /** The nodes that the head before listed. Reads once. */
  inherited(): Promise<readonly NodeReport[]>;
  /**
   * Writes what has changed of `nodes`, and deletes the items of nodes that are no longer among them. `leaveSilent`: what is said of
   * a node that is not heard stays as it is, for it may be about to come. No write begins once `isCurrent` is false. Rejects
   * when the registry does not answer; what was not written is written by the next call.
   */
  publish(
    nodes: readonly NodeSummary[],
    leaveSilent: boolean,
    isCurrent: () => boolean,
    drains?: ReadonlyMap<string, NodeDrain>,
  ): Promise<void>;
}

const WRITES_AT_ONCE = 16;
/** How often the items are read again: it repairs what a head of before wrote too late, or somebody deleted. */
const REREAD_MS = 60_000;

/** Makes them for a term of `generation`. An item whose node no head has heard is deleted after `forgetMs`. */
export function createNodeRecords(
  store: NodeStore,
  generation: number,
  clock: Pick<Clock, "monotonicMs">,
  forgetMs: number,
): NodeRecords {
  /** By instance id: what the registry says, as far as is known. */
  let known = new Map<string, NodeReport>();
  /** Since when an item has been seen whose node no head has heard. */
  let unheard = new Map<string, number>();
  let readAtMs = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    const nowMs = clock.monotonicMs();
    const items = await store.readNodes();
    known = new Map(items.filter(isHeard).map((item) => [item.instanceId, reportOf(item)]));
    const silent = items.filter((item) => !isHeard(item));
    unheard = new Map(silent.map(({ instanceId: id }) => [id, unheard.get(id) ?? nowMs]));
    readAtMs = nowMs;
  }

  async function write(report: NodeReport): Promise<void> {
    await store.reportNode(generation, report);
    // Refused or not: what a newer head says is read again, and not written over at each look.
    const { drain, ...rest } = report;
    known.set(report.instanceId, drain ? report : rest);
    unheard.delete(report.instanceId);
  }

  async function forget(id: string): Promise<void> {
    await store.forgetNode(generation, id);
    known.delete(id);
    unheard.delete(id);
  }

  return {
    async inherited() {
      await read();
      return [...known.values()];
    },
    async publish(nodes, leaveSilent, isCurrent, drains = new Map()) {
      if (clock.monotonicMs() - readAtMs >= REREAD_MS) await read();
      const listed = new Set(nodes.map(({ id }) => id));
      const isLate = ([, sinceMs]: [string, number]) => clock.monotonicMs() - sinceMs >= forgetMs;
      const gone = [...known.keys(), ...[...unheard].filter(isLate).map(([id]) => id)];
      const changes = [
        ...nodes
          .filter(({ failingProbes }) => !(leaveSilent && failingProbes.includes(SILENT_PROBE)))
          .map(
            ({ id, state: _state, reasonCode: _code, ...rest }): NodeReport => ({
              ...{ instanceId: id, ...rest },
              ...drainOf(drains.get(id), known.get(id)?.drain),
            }),
          )
          .filter((report) => !isDeepStrictEqual(known.get(report.instanceId), report))
          .map((report) => () => write(report)),
        ...gone.filter((id) => !listed.has(id)).map((id) => () => forget(id)),
      ];
      await pMap(changes, async (change) => (isCurrent() ? change() : undefined), {
        concurrency: WRITES_AT_ONCE,
      });
    },
  };
}

/** Null only where the item has one that does not hold any more. */
const drainOf = (drain: NodeDrain | undefined, before: NodeReport["drain"]): Pick<NodeReport, "drain"> =>
  drain !== undefined ? { drain } : before ? { drain: null } : {};

const reportOf = ({
  instanceId,
  address,
  hostname,
  cores,
  kind,
  failingProbes = [],
  drain,
}: NodeItem): NodeReport => ({
  ...{ instanceId, address, hostname, cores, kind, failingProbes },
  ...(drain ? { drain } : {}),
});
