import { newJob } from "../../../agent/contract/job.js";
import { META_SK } from "../../../agent/contract/keys.js";
import type { ParkControl } from "../../../agent/contract/park.js";
import type { ClusterItem, JobItem } from "../../../agent/contract/registry.js";
import { jobWrites } from "../../../agent/contract/writes/job.js";
import { memoryJobItems } from "../memory-jobs.js";
import { memoryItems, memoryTable } from "../memory-table.js";
import { CLUSTER_UUID, clusterItem } from "./cluster-item.js";

/** Ends the program that makes the call, as a crash does. */
export class CrashError extends Error {}

/** A ready cluster of two nodes in memory, with its group; as many parkers, resumers and submitters as a test likes. */
export function parkWorld(change: Partial<ClusterItem> = {}) {
  const table = memoryTable();
  const metas = memoryItems<ClusterItem>(table, () => META_SK);
  const jobs = memoryJobItems(table);
  const fleet = { owner: "o", group: "nodes", nodes: 2, since: "2026-01-01T00:00:00.000Z" };
  metas.set("", {
    ...clusterItem({
      clusterStatus: "FINISHED",
      phase: "ready",
      knownNodes: 2,
      readyNodes: 2,
      leaseGeneration: 1,
    }),
    ...{ hostfileNodes: 2, cores: 4, headInstanceId: "i-a", fleet },
    ...change,
  });
  const world = { nowMs: Date.parse("2026-01-01T01:00:00Z"), size: 2, events: [] as string[], calls: 0 };
  const now = () => new Date(world.nowMs);
  function cluster(): ClusterItem {
    const found = metas.get("");
    if (found === undefined) throw new Error("no cluster");
    return found;
  }

  return Object.assign(world, {
    table,
    jobs,
    now,
    cluster,
    change: (values: Partial<ClusterItem>) => metas.set("", { ...cluster(), ...values }),
    /** Puts a job, as each way in does first. */
    put(key: string): JobItem {
      const job = newJob(CLUSTER_UUID, key, { command: ["pi.py"] }, now());
      table.perform(jobWrites.submit(job));
      return job;
    },
    /** What one program has. It crashes before its call of that number, from 0; `meanwhile` happens before each. */
    control(
      crashBefore = Number.POSITIVE_INFINITY,
      meanwhile: (call: number, name: string) => Promise<void> = async () => {},
    ): ParkControl {
      let calls = 0;
      async function call<T>(name: string, make: () => T): Promise<T> {
        await meanwhile(calls, name);
        if (calls >= crashBefore) throw new CrashError(name);
        calls += 1;
        world.calls = calls;
        return make();
      }
      return {
        readCluster: () => call("read", () => metas.get("") ?? null),
        perform: (write) => call("write", () => table.perform(write)),
        setSize: (_group, instances) =>
          call("size", () => {
            world.size = instances;
          }),
        unendedJobs: () =>
          call("jobs", () =>
            jobs
              .values()
              .filter(({ status }) => status === "NEW" || status === "INPROGRESS")
              .map(({ id }) => id),
          ),
        note: ({ code }) => void world.events.push(code),
      };
    },
  });
}
