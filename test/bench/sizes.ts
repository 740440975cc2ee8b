/** How much each part does. */
export interface Sizes {
  /** Starts and launches of each kind. */
  readonly runs: number;
  /** Resources that are planned and applied, an apply each. */
  readonly applies: readonly number[];
  /** Clusters that are synthesised, a synth each. */
  readonly synths: readonly number[];
  /** Bytes of a job's output, a job each. */
  readonly outputs: readonly number[];
  /** Who follow one job's output. */
  readonly watchers: readonly number[];
  readonly followedLines: number;
  /** How long each server is asked, in one turn, and the turns. */
  readonly statusSeconds: number;
  readonly statusTurns: number;
  readonly simulatedNodes: number;
  readonly simulatedLeaseSeconds: number;
  readonly restSeconds: number;
  /** The clusters: all is measured on the first, boot and launch on each. */
  readonly clusters: readonly number[];
  /** Jobs in a queue. */
  readonly queuedJobs: number;
  /** An idle agent is left alone for so long, and then watched for so long. */
  readonly settleSeconds: number;
  readonly idleSeconds: number;
  /** Pairs of windows, with the agents and without, in which an Allreduce runs. */
  readonly reduceWindows: number;
  /** The gate's stages; none: all. */
  readonly gateStages: readonly string[];
}

const GIGABYTE = 1_000_000_000;

export const FULL: Sizes = {
  runs: 9,
  applies: [1, 100, 1_000],
  synths: [1, 20, 100],
  outputs: [GIGABYTE, 10 * GIGABYTE],
  watchers: [1, 50],
  followedLines: 100,
  statusSeconds: 4,
  statusTurns: 15,
  simulatedNodes: 1_000,
  simulatedLeaseSeconds: 15,
  restSeconds: 60,
  clusters: [4, 16, 64],
  queuedJobs: 100,
  settleSeconds: 75,
  idleSeconds: 60,
  reduceWindows: 12,
  gateStages: [],
};

/** The gate's: they show that each part runs, and no more. */
export const SMALL: Sizes = {
  runs: 1,
  applies: [2],
  synths: [1],
  outputs: [20_000_000],
  watchers: [2],
  followedLines: 3,
  statusSeconds: 0.2,
  statusTurns: 1,
  simulatedNodes: 5,
  simulatedLeaseSeconds: 5,
  restSeconds: 1,
  clusters: [2],
  queuedJobs: 2,
  settleSeconds: 0,
  idleSeconds: 1,
  reduceWindows: 1,
  gateStages: ["types"],
};
