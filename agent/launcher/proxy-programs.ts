/** Words of a proxy's argv, and what each may be. */
export interface ProxyProgram {
  /** Its path, exactly as its mpiexec gives it. */
  readonly path: string;
  /** Its options, each at most once. Null: it takes no value. */
  readonly options: Readonly<Record<string, RegExp | null>>;
  readonly required: readonly string[];
  /** The words after the options, where it starts a second program by itself; none: there is none. */
  readonly child?: ProxyProgram;
}

const INTEGER = /^-?\d{1,9}$/;
const ADDRESS = /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/;
const PORT = /^[0-9]{1,5}$/;
const LAUNCH = /^\/usr\/lib\/muster\/launch$/;
/** Where the image has Intel MPI's programs. Their mpiexec writes a second slash before each. */
const INTEL_BIN = "/usr/lib/muster/intel-mpi/bin/";

/** MPICH's proxy, with the options that its mpiexec 5.0 gives it. */
const MPICH_PROXY: ProxyProgram = {
  path: "/usr/bin/hydra_pmi_proxy",
  options: {
    "--control-port": /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}:[0-9]{1,5}$/,
    "--rmk": /^user$/,
    "--launcher": /^ssh$/,
    "--launcher-exec": LAUNCH,
    "--demux": /^(poll|select)$/,
    "--pgid": INTEGER,
    "--proxy-id": INTEGER,
    "--retries": INTEGER,
    "--usize": INTEGER,
    "--pmi-port": /^[01]$/,
    "--gpus-per-proc": INTEGER,
    "--gpu-subdevs-per-proc": INTEGER,
    "--debug": null,
  },
  required: ["--control-port", "--proxy-id"],
};

/** What Intel's first proxy starts on its node: the second one, which starts the ranks. */
const INTEL_RANKS_PROXY: ProxyProgram = {
  path: `${INTEL_BIN}/hydra_pmi_proxy`,
  options: { "--usize": INTEGER, "--auto-cleanup": /^[01]$/, "--abort-signal": /^\d{1,2}$/ },
  required: [],
};

/**
 * The first proxy of Intel MPI, with the options that its mpiexec 2021.19 gives it. It would start the proxies of further nodes
 * itself if the tree of launches were narrower than the job (`--tree-width`); mpiexec is started so that it never is.
 */
const INTEL_PROXY: ProxyProgram = {
  path: `${INTEL_BIN}/hydra_bstrap_proxy`,
  options: {
    "--upstream-host": ADDRESS,
    "--upstream-port": PORT,
    "--pgid": INTEGER,
    "--launcher": /^ssh$/,
    "--launcher-number": INTEGER,
    "--launcher-exec": LAUNCH,
    "--base-path": new RegExp(`^${INTEL_BIN}$`),
    "--tree-width": /^\d{1,9}$/,
    "--tree-level": /^1$/,
    "--time-left": INTEGER,
    "--launch-type": INTEGER,
    "--proxy-id": INTEGER,
    "--node-id": INTEGER,
    "--subtree-size": /^1$/,
    "--debug": null,
  },
  required: ["--upstream-host", "--upstream-port", "--proxy-id", "--subtree-size"],
  child: INTEL_RANKS_PROXY,
};

/** The only programs that a launch starts. */
export const PROXY_PROGRAMS: readonly ProxyProgram[] = [MPICH_PROXY, INTEL_PROXY];

/** The options that name mpiexec's address, to which the proxy connects back. */
export const CONTROL_OPTIONS = ["--control-port", "--upstream-host"] as const;
