import type { JobRequest } from "../contract/registry.js";
import type { JobSettings } from "./launch-plan.js";

/** How Intel MPI's ranks reach each other on one node, where nothing asks for anything else. */
const SHARED_MEMORY = "shm";

/**
 * What carries the messages of an attempt's ranks: libfabric's provider, such as `efa` or `tcp`, or `shm` where all ranks are on one
 * node. Ranks are given FI_PROVIDER, and Intel MPI ends with an error rather than take another. Null: a job without MPI, or
 * MPICH, which does not use libfabric. Pure.
 */
export function networkOf(
  { mpi, runtime, environment = {} }: Pick<JobRequest, "mpi" | "runtime" | "environment">,
  settings: Pick<JobSettings, "runtime" | "runtimes">,
  nodeCount: number,
): string | null {
  const its = runtime ?? settings.runtime;
  if (mpi === false || its !== "intel") return null;
  if (nodeCount === 1 && environment["I_MPI_FABRICS"] === undefined) return SHARED_MEMORY;
  const { I_MPI_OFI_PROVIDER: own, FI_PROVIDER: provider } = {
    ...settings.runtimes[its]?.rankVariables,
    ...environment,
  };
  return (own ?? provider ?? "").slice(0, 64) || null;
}
