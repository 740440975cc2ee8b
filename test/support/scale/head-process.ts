import { writeFile } from "node:fs/promises";
import { startAgent } from "../../../agent/agent.js";
import { openTable } from "../../../agent/aws/table.js";
import { settleEngine } from "../../../agent/system/engine.js";
import { CLUSTER_UUID } from "../agent/cluster-item.js";
import { idleAgent } from "../agent/idle-agent.js";
import type { StoreAnswer, StoreCall, Stores } from "./registry.js";

// A whole agent that may be head, in a process of its own; its registry is the parent's. Arguments: its number, its address, the
// lease's time to live in seconds, the hostfile.

const [, , n = "", address = "", ttl = "", hostfilePath = ""] = process.argv;

/** The parent's stores. */
function remoteStores(): Stores {
  const waiting = new Map<number, (answer: StoreAnswer) => void>();
  let calls = 0;
  process.on("message", (answer: StoreAnswer) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const remote = <T extends object>(store: keyof Stores): T =>
    new Proxy({} as T, {
      get:
        (_target, method) =>
        async (...args: readonly unknown[]) => {
          calls += 1;
          const call: StoreCall = { id: calls, store, method: String(method), args };
          process.send?.(call);
          const answer = await new Promise<StoreAnswer>((resolve) => waiting.set(call.id, resolve));
          if ("error" in answer) throw new Error(answer.error);
          return answer.value;
        },
    });
  return { cluster: boundStore(remote("cluster")), lease: remote("lease") };
}

/** The agent takes methods out of it by spreading. */
const boundStore = (cluster: Stores["cluster"]): Stores["cluster"] => ({
  readCluster: () => cluster.readCluster(),
  readNodes: () => cluster.readNodes(),
  reportNode: (generation, report) => cluster.reportNode(generation, report),
  forgetNode: (generation, id) => cluster.forgetNode(generation, id),
  writeObservation: (observation) => cluster.writeObservation(observation),
  usageOf: (month) => cluster.usageOf(month),
  noteFiles: (generation, note) => cluster.noteFiles(generation, note),
  recordUsage: (usage) => cluster.recordUsage(usage),
  noteReplacements: (generation, note) => cluster.noteReplacements(generation, note),
});

async function main(): Promise<void> {
  let hostfile: string | null = null;
  await startAgent({
    // Never called: it is here because a real agent has it in memory.
    ...idleAgent(openTable("acme", CLUSTER_UUID, "us-east-1"), Number(n), address, {
      leaseTtlSeconds: Number(ttl),
    }),
    ...remoteStores(),
    hostfile: {
      path: hostfilePath,
      read: async () => hostfile,
      async write(text) {
        hostfile = text;
        await writeFile(hostfilePath, text ?? "");
      },
    },
    files: { emptyShared: async () => {}, undelivered: async () => 0, emptyRecords: async () => {} },
    probes: [{ name: "test", timeoutMs: 1_000, intervalMs: null, check: async () => {} }],
    createRunner: () => ({
      ...{
        start: () => {},
        stop: async () => {},
        wake: () => {},
        nudge: () => {},
        startNow: async () => null,
        running: () => null,
        worksOn: () => false,
        mayHoldStrays: () => false,
        doubt: () => {},
        seen: () => ({ running: null, waiting: 0, lookedMsAgo: 0, lastAt: null }),
      },
    }),
    recheck: async () => [],
  });
  settleEngine();
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

void main();
