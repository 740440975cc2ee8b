import { createEventStore } from "../../../agent/aws/event-store.js";
import { readRunningJobs, readUnendedJobs } from "../../../agent/aws/park-store.js";
import { perform } from "../../../agent/aws/table.js";
import type { Clusters, SizeControl } from "../core/ports.js";
import type { Groups } from "./groups.js";
import { settledSoon } from "./settled.js";
import type { OrgTable } from "./table.js";

/** Parks, resumes and resizes an org's clusters, with the person's own credentials. */
export interface Parking {
  of(clusterUuid: string): SizeControl;
  /** Resolves when what was noted is written, or could not be: after a second at most. */
  settled(): Promise<void>;
}

/** Makes no call. */
export function openParking(
  { client, TableName, aborting, call }: OrgTable,
  clusters: Pick<Clusters, "read">,
  groups: Groups,
): Parking {
  const going = new Set<Promise<void>>();
  return {
    of(clusterUuid) {
      const table = { client, TableName, clusterUuid };
      const events = createEventStore(table);
      return {
        readCluster: () => clusters.read(clusterUuid),
        perform: (write) => call(`change cluster ${clusterUuid}`, () => perform(table, write, aborting)),
        unendedJobs: () =>
          call(`list the jobs of cluster ${clusterUuid}`, () => readUnendedJobs(table, aborting.abortSignal)),
        runningJobs: () =>
          call(`list the jobs of cluster ${clusterUuid}`, () => readRunningJobs(table, aborting.abortSignal)),
        resizeGroup: groups.resize,
        setSize: groups.setSize,
        // The history is for people: no command fails for it.
        note: (event) => void going.add(events.write(event, new Date()).catch(() => undefined)),
      };
    },
    settled: () => settledSoon(going),
  };
}
