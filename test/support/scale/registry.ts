import type { ChildProcess } from "node:child_process";
import type { AgentDeps } from "../../../agent/agent-deps.js";
import { partitionKeyed } from "../../../agent/contract/keys.js";
import { SILENT_PROBE } from "../../../agent/contract/reasons.js";
import { type ClusterItem, META_SK } from "../../../agent/contract/registry.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import { usageWrites } from "../../../agent/contract/writes/usage.js";
import type { LeaseStore } from "../../../agent/lease/keeper.js";
import { CLUSTER_UUID, clusterItem } from "../agent/cluster-item.js";
import { leaseTable } from "../agent/lease-table.js";
import { memoryNodes } from "../memory-nodes.js";
import { memoryItems, memoryTable } from "../memory-table.js";

/** The stores of the registry that an agent without jobs needs. */
export interface Stores {
  readonly cluster: AgentDeps["cluster"];
  readonly lease: LeaseStore;
}

/** A call of one of them, from another process. */
export interface StoreCall {
  readonly id: number;
  readonly store: keyof Stores;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type StoreAnswer = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly error: string }
);

/** A registry in memory, with the contract's conditions, that counts its calls. */
export interface CountedRegistry extends Stores {
  /** By method: `cluster.reportNode` and so on. */
  readonly calls: Map<string, number>;
  /** The ids of the nodes that a head declared silent. */
  readonly lost: Set<string>;
  meta(): ClusterItem;
  /** The instance that holds the lease, or held it last. */
  holder(): string | null;
  /** Answers the calls of a child process that has `remoteStores`. */
  serve(child: ChildProcess): void;
}

/** Makes it for a cluster that wants so many nodes, and was never seen by a head. */
export function countedRegistry(desiredNodes: number): CountedRegistry {
  const table = memoryTable();
  const metas = memoryItems<ClusterItem>(table, () => META_SK);
  metas.set("", clusterItem({ desiredNodes }));
  const calls = new Map<string, number>();
  const lost = new Set<string>();
  const nodes = memoryNodes(table);
  const metaNow = () => metas.get("") ?? null;
  const lease = leaseTable();
  const stores: Stores = counted(
    {
      lease,
      cluster: {
        ...nodes,
        readCluster: async () => metaNow(),
        writeObservation: async (observation) =>
          table.perform(clusterWrites.observe(CLUSTER_UUID, observation)),
        recordUsage: async (usage) => void table.perform(usageWrites.record(usage)),
        usageOf: async () => [],
        noteFiles: async (generation, note) =>
          table.perform(clusterWrites.noteFiles(CLUSTER_UUID, generation, note)),
        noteReplacements: async (generation, note) =>
          table.perform(clusterWrites.noteReplacements(CLUSTER_UUID, generation, note)),
        reportNode(generation, report) {
          if (report.failingProbes.includes(SILENT_PROBE)) lost.add(report.instanceId);
          return nodes.reportNode(generation, report);
        },
      },
    },
    calls,
  );
  return {
    ...stores,
    ...{ calls, lost, holder: () => lease.item?.holder ?? null },
    meta() {
      const meta = metaNow();
      if (meta === null) throw new Error(`no ${JSON.stringify(partitionKeyed(CLUSTER_UUID, META_SK))}`);
      return meta;
    },
    serve(child) {
      child.on("message", async (message: StoreCall) => {
        if (message.store === undefined) return;
        const answer = await callStore(stores, message);
        if (child.connected) child.send(answer);
      });
    },
  };
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

async function callStore(stores: Stores, { id, store, method, args }: StoreCall): Promise<StoreAnswer> {
  try {
    const methods = stores[store] as unknown as Readonly<Record<string, Method>>;
    return { id, value: await methods[method]?.(...args) };
  } catch (error) {
    return { id, error: String(error) };
  }
}

function counted(stores: Stores, calls: Map<string, number>): Stores {
  const count = <T extends object>(name: string, store: T): T =>
    new Proxy(store, {
      get(target, method, receiver) {
        const found: unknown = Reflect.get(target, method, receiver);
        if (typeof found !== "function") return found;
        return (...args: readonly unknown[]) => {
          const key = `${name}.${String(method)}`;
          calls.set(key, (calls.get(key) ?? 0) + 1);
          return found.apply(target, args);
        };
      },
    });
  return { lease: count("lease", stores.lease), cluster: count("cluster", stores.cluster) };
}
