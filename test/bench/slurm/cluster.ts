import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sharedFolder } from "../../../scripts/journey/place.js";
import { runCommand } from "../../../scripts/system/command.js";
import { waitFor } from "../../../scripts/system/wait.js";
import { type BenchCluster, headAndWorker, onNode } from "../launch/cluster.js";
import { numbersIn, type RanJob, SECOND, STAMP, sinceFirst } from "../launch/ways.js";
import { provideSlurm } from "./root.js";

/** Where the nodes have Slurm: on /shared, for that is the one folder that all have. */
const ON_SHARED = ".slurm";
const ROOT = `/shared/${ON_SHARED}`;

/** Slurm on the nodes of a benchmark's cluster, which has nothing else to do then. */
export interface SlurmCluster {
  /** `srun` with one rank a core: milliseconds from its start to that of the last rank. */
  srun(): Promise<number>;
  /** One `sbatch` of the same. */
  sbatch(): Promise<RanJob>;
  /** So many of them whose ranks take a second, one `sbatch` after the other: seconds until all have ended. */
  queueSeconds(jobs: number): Promise<number>;
}

/** Starts its daemons on all nodes. They end with the cluster. */
export async function startSlurm(bench: BenchCluster): Promise<SlurmCluster> {
  const { place, cluster } = bench;
  const { nodes } = cluster;
  const root = join(sharedFolder(place, cluster.uuid), ON_SHARED);
  await rm(root, { recursive: true, force: true });
  await runCommand(["cp", "-a", await provideSlurm(), root], { timeoutSeconds: 60 });
  await writeFile(join(root, "etc/slurm/slurm.conf"), slurmConf(cluster));
  await writeFile(
    join(root, "etc/hosts"),
    nodes.map(({ address, hostname }) => `${address} ${hostname}\n`).join(""),
  );
  const { head } = headAndWorker(bench);
  const onHead = (script: string): Promise<string> => onNode(bench, head.id, script);
  for (const { id } of nodes) await onNode(bench, id, MOUNTS);
  await onHead(`chroot ${ROOT} slurmctld -c`);
  for (const [index, { id }] of nodes.entries())
    await onNode(bench, id, `chroot ${ROOT} slurmd -N n${index}`);
  await waitFor({
    what: "Slurm's nodes to be idle",
    timeoutSeconds: 30,
    look: () => onHead(`chroot ${ROOT} sinfo -h -o '%D %t' || true`),
    isDone: (said) => said.trim() === `${nodes.length} idle`,
    describe: (said) => said.trim(),
  });
  return jobsOf(root, onHead, `-N${nodes.length} -n${cluster.cores}`);
}

function jobsOf(root: string, onHead: (script: string) => Promise<string>, size: string): SlurmCluster {
  const outputs = join(root, "out/logs");

  /** When the first was sent, and what their ranks have printed. */
  async function submit(jobs: number, script: string) {
    await rm(outputs, { recursive: true, force: true });
    await mkdir(outputs);
    await writeFile(join(root, "out/job.sh"), `#!/bin/sh\nsrun python3 -c '${script}'\n`, { mode: 0o755 });
    const sbatch = `chroot ${ROOT} sbatch -Q ${size} -o /out/logs/%j /out/job.sh`;
    const said = await onHead(`date +%s.%N; for job in $(seq ${jobs}); do ${sbatch}; done`);
    await waitFor({
      what: "Slurm's queue to be empty",
      timeoutSeconds: 60 + 10 * jobs,
      look: () => onHead(`chroot ${ROOT} squeue -h`),
      isDone: (left) => left.trim() === "",
      describe: (left) => left.trim(),
    });
    const files = (await readdir(outputs)).map((file) => readFile(join(outputs, file), "utf8"));
    const printed = (await Promise.all(files)).flatMap(numbersIn).map((seconds) => seconds * 1_000);
    return { sentAtMs: Number(said) * 1_000, lastMs: Math.max(...printed) };
  }

  return {
    async srun() {
      const srun = `exec chroot ${ROOT} srun ${size} python3 -c '${STAMP.content}'`;
      return sinceFirst(numbersIn(await onHead(`date +%s.%N; ${srun}`)));
    },
    async sbatch() {
      const { sentAtMs, lastMs } = await submit(1, STAMP.content);
      return { sentAtMs, lastRankMs: lastMs };
    },
    async queueSeconds(jobs) {
      const { sentAtMs, lastMs } = await submit(jobs, `${SECOND.content}${STAMP.content}`);
      return (lastMs - sentAtMs) / 1_000;
    },
  };
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
