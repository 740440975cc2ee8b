import type { Runtime } from "../contract/job-request.js";

/** How ranks are started and run with one implementation of MPI. */
export interface MpiRuntime {
  /** Its mpiexec's path on every node. */
  readonly mpiexec: string;
  /** What mpiexec needs in its own environment. */
  readonly launcherVariables: Readonly<Record<string, string>>;
  /** What each rank needs; a request's own values come after these, but for `searchPaths`. */
  readonly rankVariables: Readonly<Record<string, string>>;
  /** Folders that stay in front of a request's own value: else another MPI library would be loaded, and each rank be alone. */
  readonly searchPaths: Readonly<Record<string, string>>;
}

const INTEL_ROOT = "/usr/lib/muster/intel-mpi";

/**
 * The runtimes of an image for x86-64, for nodes with or without an Elastic Fabric Adapter; others have MPICH alone. Without AUTOFORK=0 Hydra would start the ranks of mpiexec's own node by itself, as mpiexec's own
 * user; so they too are started by the agent. Intel's would start distant nodes' proxies from other nodes, where no agent could
 * say what they are for: BRANCH_COUNT, above any number of nodes, keeps the tree flat. Its ranks are ended with SIGTERM, as
 * MPICH's are: SIGKILL would look like a rank's own failure. It drives EFA through libfabric, and is held to one provider: where
 * that can't be used, a job fails at once and does not run slowly.
 * @see https://www.intel.com/content/www/us/en/docs/mpi-library/developer-reference-linux/2021-17/hydra-environment-variables.html
 */
const runtimesOfImage = (efa: boolean): Readonly<Record<Runtime, MpiRuntime>> => ({
  mpich: {
    mpiexec: "/usr/bin/mpiexec",
    launcherVariables: { HYDRA_LAUNCHER_AUTOFORK: "0" },
    rankVariables: {},
    searchPaths: {},
  },
  intel: {
    mpiexec: `${INTEL_ROOT}/bin/mpiexec.hydra`,
    launcherVariables: {
      I_MPI_HYDRA_BOOTSTRAP_AUTOFORK: "0",
      I_MPI_HYDRA_BRANCH_COUNT: "100000",
      I_MPI_JOB_ABORT_SIGNAL: "15",
    },
    rankVariables: { I_MPI_ROOT: INTEL_ROOT, FI_PROVIDER: efa ? "efa" : "tcp" },
    searchPaths: { LD_LIBRARY_PATH: `${INTEL_ROOT}/lib` },
  },
});

/** Those of an image for the processors that Node.js names so, e.g. "x64", "arm64", with or without an Elastic Fabric Adapter. Pure. */
export function runtimesFor(
  architecture: string,
  efa: boolean,
): Readonly<Partial<Record<Runtime, MpiRuntime>>> {
  const { mpich, intel } = runtimesOfImage(efa);
  return architecture === "x64" ? { mpich, intel } : { mpich };
}

/** The search paths with what a request has of its own behind them. Pure. */
export function withOwnPaths(
  searchPaths: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(searchPaths).map(([name, folders]) => {
      const given = own[name] ?? "";
      return [name, given === "" ? folders : `${folders}:${given}`];
    }),
  );
}
