import { type IdleCosts, measureIdle } from "../idle/measure.js";
import type { BenchPart } from "../part.js";
import { atMost, type Measured, timesAtMost } from "../row.js";
import { slurmOn } from "../slurm/shared.js";

/** What an agent takes while it has nothing to do, as a worker and as head of so many nodes. */
export const idlePart = (nodes: number): BenchPart => ({
  name: "idle",
  needs: "root",
  async measure({ clusterOf, sizes, work, say }) {
    const bench = await clusterOf(nodes);
    const hasSlurm = (await slurmOn(bench, say)) !== null;
    say(`idle: ${sizes.settleSeconds} s to settle, and ${sizes.idleSeconds} s`);
    return idleRows(await measureIdle(bench, hasSlurm, sizes, work));
  },
});

const GOALS = { memory: timesAtMost(1.25), worker: atMost(0.1), head: atMost(0.3) } as const;

export const idleRows = ({ bare, slurmd, ...agents }: IdleCosts): readonly Measured[] =>
  (["worker", "head"] as const).flatMap((role): readonly Measured[] => {
    const { rssMb, cpuPercent, childrenPercent } = agents[role];
    const memory = { what: `${role}'s agent, memory`, unit: "MB", ours: rssMb } as const;
    const cpu = { what: `${role}'s agent, CPU`, unit: "% of a core", ours: cpuPercent } as const;
    return [
      { ...memory, beside: { name: "bare node + fastify", value: bare.rssMb }, goal: GOALS.memory },
      ...(slurmd === null ? [] : [{ ...memory, beside: { name: "slurmd", value: slurmd.rssMb } }]),
      { ...cpu, beside: { name: "bare node + fastify", value: bare.cpuPercent }, goal: GOALS[role] },
      ...(slurmd === null ? [] : [{ ...cpu, beside: { name: "slurmd", value: slurmd.cpuPercent } }]),
      { what: `${role}'s probes, CPU`, unit: "% of a core", ours: childrenPercent },
    ];
  });
