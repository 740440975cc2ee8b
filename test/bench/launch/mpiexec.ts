import { hostfilePath } from "../../../agent/contract/names.js";
import { asUser, type BenchCluster, headAndWorker, onNode } from "./cluster.js";
import { numbersIn, SECOND, STAMP, sinceFirst } from "./ways.js";

/** What a job's ranks are run by, before their program: agent/launcher/rank.sh and rank.py. */
const WATCHED = "/usr/lib/muster/rank python3 /usr/lib/muster/rank.py";
/** An ssh on the head that keeps its connections for the next. */
const WARM_SSH = "/tmp/bench-ssh";
const SOCKETS = "/tmp/bench-ssh-%C";

/** How mpiexec, by hand on the head, starts ranks: through the agents or over ssh. */
const WAYS = {
  /** As people call it. */
  agents: { flags: "", program: "python3" },
  /** Each rank is run as a job's is, which costs time of its own. */
  watched: { flags: "", program: WATCHED },
  ssh: { flags: "-launcher ssh", program: "python3" },
  warmSsh: { flags: `-launcher ssh -launcher-exec ${WARM_SSH}`, program: "python3" },
} as const;

const mpiexec = ({ cluster }: BenchCluster, way: keyof typeof WAYS, program: string): string =>
  `mpiexec ${WAYS[way].flags} -n ${cluster.cores} -f ${hostfilePath(cluster.uuid)} ${WAYS[way].program} -c "${program}"`;

const onHead = (bench: BenchCluster, script: string, timeoutSeconds?: number): Promise<string> =>
  onNode(bench, headAndWorker(bench).head.id, asUser(script), timeoutSeconds);

/** Milliseconds from mpiexec's start to that of the last rank's program. */
export const bareLaunchMs = async (bench: BenchCluster, way: keyof typeof WAYS): Promise<number> =>
  sinceFirst(numbersIn(await onHead(bench, `date +%s.%N; ${mpiexec(bench, way, STAMP.content)}`)));

/** So many runs of a second, one after the other: seconds for all. */
export async function sequentialSeconds(bench: BenchCluster, runs: number): Promise<number> {
  const one = mpiexec(bench, "agents", SECOND.content);
  const loop = `date +%s.%N; for n in $(seq ${runs}); do ${one} >/dev/null; done; date +%s.%N`;
  return sinceFirst(numbersIn(await onHead(bench, loop, 60 + 10 * runs))) / 1_000;
}

/** Makes ssh's connections stay from launch to launch; `stop` ends them. */
export async function keepSsh(bench: BenchCluster): Promise<{ stop(): Promise<void> }> {
  const ssh = `exec ssh -o ControlMaster=auto -o ControlPath=${SOCKETS} -o ControlPersist=300 "$@"`;
  await onHead(bench, `printf "%s\\n" "#!/bin/sh" '${ssh}' >${WARM_SSH}; chmod 755 ${WARM_SSH}`);
  const exit = `for s in ${SOCKETS.replace("%C", "*")}; do ssh -o ControlPath=$s -O exit any 2>/dev/null || :; done`;
  return {
    async stop() {
      await onHead(bench, `${exit}; rm -f ${WARM_SSH}`);
    },
  };
}
