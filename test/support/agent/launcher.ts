/** What MPICH 5.0.2's mpiexec wants started on the second of its hosts. */
export const PROXY_ARGV: readonly string[] = [
  "/usr/bin/hydra_pmi_proxy",
  ...["--control-port", "10.0.0.1:35367", "--rmk", "user", "--launcher", "ssh"],
  ...["--launcher-exec", "/usr/lib/muster/launch", "--demux", "poll", "--pgid", "0", "--retries", "10"],
  ...[
    "--usize",
    "-2",
    "--pmi-port",
    "0",
    "--gpus-per-proc",
    "-2",
    "--gpu-subdevs-per-proc",
    "-2",
    "--proxy-id",
    "1",
  ],
];

/** What the mpiexec of Intel MPI 2021.18 wants started on the second of its hosts. */
export const INTEL_PROXY_ARGV: readonly string[] = [
  "/usr/lib/muster/intel-mpi/bin//hydra_bstrap_proxy",
  ...["--upstream-host", "10.0.0.1", "--upstream-port", "34299", "--pgid", "0"],
  ...["--launcher", "ssh", "--launcher-number", "0", "--launcher-exec", "/usr/lib/muster/launch"],
  ...["--base-path", "/usr/lib/muster/intel-mpi/bin/", "--tree-width", "100000", "--tree-level", "1"],
  ...["--time-left", "-1", "--launch-type", "2", "--proxy-id", "1", "--node-id", "1", "--subtree-size", "1"],
  ...["/usr/lib/muster/intel-mpi/bin//hydra_pmi_proxy", "--usize", "-1", "--auto-cleanup", "1"],
  ...["--abort-signal", "15"],
];

export const LAUNCH_ID = "00000000-0000-4000-8000-000000000001";
