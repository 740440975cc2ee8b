/** What MPICH 4.2.1's mpiexec wants started on the second of its hosts. */
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

export const LAUNCH_ID = "00000000-0000-4000-8000-000000000001";
