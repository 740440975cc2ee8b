import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { runCommand } from "../../../scripts/system/command.js";
import { waitFor } from "../../../scripts/system/wait.js";
import type { BenchCluster } from "../launch/cluster.js";
import { numbersIn, type RanJob, STAMP, sinceFirst } from "../launch/ways.js";
import { provideSlurm } from "./root.js";

/** Where the nodes have Slurm: on /shared, for that is the one folder that all have. */
const ON_SHARED = ".slurm";
const ROOT = `/shared/${ON_SHARED}`;

/** Slurm on the nodes of a benchmark's cluster, which has nothing else to do then. */
export interface SlurmCluster {
  /** `srun` with one rank a core: milliseconds from its start to that of the last rank. */
  srun(): Promise<number>;
  /** `sbatch`, so many times, one after the other; when all have ended. */
  sbatch(jobs: number): Promise<readonly RanJob[]>;
}

/** Starts its daemons on all nodes. They end with the cluster. */
export async function startSlurm(bench: BenchCluster): Promise<SlurmCluster> {
  const { journey, cluster } = bench;
  const root = join(sharedFolder(journey.place, cluster.uuid), ON_SHARED);
  await rm(root, { recursive: true, force: true });
  await runCommand(["cp", "-a", await provideSlurm(), root], { timeoutSeconds: 60 });
  await writeFile(join(root, "etc/slurm/slurm.conf"), slurmConf(cluster));
  await writeFile(
    join(root, "etc/hosts"),
    cluster.nodes.map(({ address, hostname }) => `${address} ${hostname}\n`).join(""),
  );
  const { nodes } = cluster;
  const head = nodes.find(({ id }) => id === cluster.headInstanceId) ?? nodes[0];
  const on = (id: string, script: string): Promise<string> => {
    const { argv, env } = inNode(cloudPlaces(journey.place.cloudName), id, ["/bin/sh", "-euc", script]);
    return runCommand(argv, { env, timeoutSeconds: 60 });
  };
  const onHead = (script: string): Promise<string> => on(head?.id ?? "", script);
  for (const { id } of nodes) await on(id, MOUNTS);
  await onHead(`chroot ${ROOT} slurmctld -c`);
  for (const [index, { id }] of nodes.entries()) await on(id, `chroot ${ROOT} slurmd -N n${index}`);
  await waitFor({
    what: "Slurm's nodes to be idle",
    timeoutSeconds: 30,
    look: () => onHead(`chroot ${ROOT} sinfo -h -o '%D %t' || true`),
    isDone: (said) => said.trim() === `${nodes.length} idle`,
    describe: (said) => said.trim(),
  });
  const size = `-N${nodes.length} -n${cluster.cores}`;
  const stamp = `python3 -c '${STAMP.content}'`;
  await writeFile(join(root, "out/job.sh"), `#!/bin/sh\nsrun ${stamp}\n`, { mode: 0o755 });
  return {
    srun: async () =>
      sinceFirst(numbersIn(await onHead(`date +%s.%N; exec chroot ${ROOT} srun ${size} ${stamp}`))),
    async sbatch(jobs) {
      const outputs = join(root, "out/logs");
      await mkdir(outputs);
      const submit = `chroot ${ROOT} sbatch -Q ${size} -o /out/logs/%j /out/job.sh`;
      const sentAtMs =
        Number(await onHead(`date +%s.%N; for job in $(seq ${jobs}); do ${submit}; done`)) * 1000;
      await waitFor({
        what: "Slurm's queue to be empty",
        timeoutSeconds: 120,
        look: () => onHead(`chroot ${ROOT} squeue -h`),
        isDone: (left) => left.trim() === "",
        describe: (left) => left.trim(),
      });
      return Promise.all((await readdir(outputs)).map((file) => ranJob(join(outputs, file), sentAtMs)));
    },
  };
}

async function ranJob(file: string, sentAtMs: number): Promise<RanJob> {
  const starts = numbersIn(await readFile(file, "utf8")).map((seconds) => seconds * 1000);
  return { sentAtMs, firstRankMs: Math.min(...starts), lastRankMs: Math.max(...starts) };
}

/** On each node: what a root needs, and munged, with which the daemons prove who they are. */
const MOUNTS = `
mount --bind ${ROOT} ${ROOT}
mount -t proc proc ${ROOT}/proc
mount --rbind /dev ${ROOT}/dev
for folder in run var/spool var/log; do mount -t tmpfs tmpfs ${ROOT}/$folder; done
mkdir -p ${ROOT}/run/munge ${ROOT}/var/log/munge ${ROOT}/var/spool/slurmd ${ROOT}/var/spool/slurmctld
chmod 700 ${ROOT}/var/log/munge
chroot ${ROOT} munged --force
`;

/** Without its own waits before a job starts. */
const slurmConf = ({ nodes, headInstanceId }: BenchCluster["cluster"]): string => {
  const head = nodes.find(({ id }) => id === headInstanceId);
  const line = ({ address, hostname, cores }: (typeof nodes)[number], index: number): string =>
    `NodeName=n${index} NodeAddr=${address} NodeHostname=${hostname} CPUs=${cores}`;
  return `ClusterName=bench
SlurmctldHost=${head?.hostname}(${head?.address})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/linear
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
ReturnToService=2
MpiDefault=none
${nodes.map(line).join("\n")}
PartitionName=all Nodes=ALL Default=YES State=UP OverSubscribe=NO
`;
};
