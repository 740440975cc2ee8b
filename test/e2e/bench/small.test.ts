import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { runCommand } from "../../../scripts/system/command.js";
import { benchSmall, partsIn, rowsIn } from "../../support/bench/run.js";

/** Most of it is the cluster's deploy, and Slurm's packages where they are not in the cache. */
const LIMIT_SECONDS = 900;
const DOWN_SECONDS = 120;
const CLOUD = join(__dirname, "../../../scripts/local/cloud");

// What a benchmark that was killed has left, too.
afterAll(async () => {
  await runCommand([CLOUD, "down", "--name", "bench"], { timeoutSeconds: DOWN_SECONDS });
}, DOWN_SECONDS * 1_000);
const PARTS = ["boot", "launch", "queue", "idle", "reduce", "notebook", "diff"];

const OURS = ["job to the head", "job to another node", "muster job submit"];
const PEERS = [
  "bare, ranks run as a job's",
  "Hydra over ssh",
  "Hydra over a warm ControlMaster",
  "Slurm's sbatch",
];
const besides = (what: string, ...names: readonly string[]) => names.map((name) => `${what}, ${name}`);
const ofAgent = (role: string) => [
  ...["memory", "CPU"].flatMap((what) =>
    besides(`idle: ${role}'s agent, ${what}`, "bare node + fastify", "slurmd"),
  ),
  `idle: ${role}'s probes, CPU`,
];

/** Also those of Slurm: the benchmark goes on without it where it can't be started, and the gate does not. */
const ROWS = [
  ...besides("boot: 2 nodes, first instance to hostfile", "sshd's banner of bare machines"),
  ...[...OURS, ...PEERS].flatMap((what) => besides(`launch: 2 nodes, ${what}`, "bare mpiexec")),
  ...OURS.flatMap((what) => besides(`launch: 2 nodes, ${what}`, "Slurm's srun")),
  ...besides("queue: 2 jobs of a second, queue to end", "mpiexec, one after the other", "Slurm's sbatch"),
  ...[...ofAgent("worker"), ...ofAgent("head")],
  "reduce: slow-down of an Allreduce by the agents",
  ...besides("notebook: 2 nodes, notebook to first MPI cell", "ipcluster, mpiexec over ssh"),
  ...besides("diff: cdktf diff without a change", "terraform plan of the same"),
];

// Those that need no cluster are in test/integration/bench.
test(
  "each row of the benchmark that needs a cluster has its figures, of one cluster in small sizes",
  async () => {
    const run = await benchSmall(PARTS, LIMIT_SECONDS);
    expect(partsIn(run)).toEqual(PARTS.map((part) => `${part}: figures`));
    expect([...rowsIn(run)].sort()).toEqual([...ROWS].sort());
  },
  (LIMIT_SECONDS + 30) * 1_000,
);
