import type { NotebookItem } from "../../agent/contract/notebook.js";
import { CLUSTER_UUID } from "./agent/cluster-item.js";

export const NOTEBOOK_GROUP = "muster-notebook-explore-acme";

/** A notebook whose node is ready, with two kernels. */
export function notebookItem(overrides: Partial<NotebookItem> = {}): NotebookItem {
  return {
    ...{ name: "explore", org: "acme", clusterUuid: CLUSTER_UUID, owner: "random", group: NOTEBOOK_GROUP },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", attachedAt: "2026-01-01T00:00:00.000Z" },
    ...{ status: "FINISHED", phase: "ready", reasonCode: null, reason: null },
    statusChangedAt: "2026-01-01T00:05:00.000Z",
    ...{ retiring: null, failingProbes: [], instanceId: "i-7", instanceType: "m6i.xlarge" },
    ...{ address: "10.0.0.7", publicAddress: null, observedAt: "2026-01-01T00:09:30.000Z" },
    activity: {
      ...{ observedAt: "2026-01-01T00:09:30.000Z", idleSince: "2026-01-01T00:08:00.000Z" },
      ...{ parksAt: "2026-01-01T01:08:00.000Z", kernels: 2, busyKernels: 0, terminals: 1 },
      mpiReleaseAt: "2026-01-01T00:38:00.000Z",
    },
    ...overrides,
  };
}
