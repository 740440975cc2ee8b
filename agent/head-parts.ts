import type { AgentDeps } from "./agent-deps.js";
import { isWorker } from "./contract/node-kind.js";
import { isBinding } from "./contract/node-notice.js";
import { createCleaner } from "./head/cleaner.js";
import { createHead } from "./head/head.js";
import type { Head, HeadDeps } from "./head/ports.js";
import { replacementLimits } from "./head/replacement-limits.js";
import type { RestingCluster } from "./head/resting-cluster.js";
import { isUnreadable } from "./jobs/ports.js";
import type { JobRunner } from "./jobs/runner.js";
import { createLeaseKeeper, type LeaseKeeper } from "./lease/keeper.js";
import type { NodeHealth } from "./node-health.js";
import { type ClusterHold, createClusterHold } from "./notebook/cluster-hold.js";
import type { PeerHub } from "./peers/peer-socket.js";

/** What of a running agent its head needs. */
interface Around {
  readonly self: HeadDeps["self"];
  readonly health: NodeHealth;
  readonly ttlMs: number;
  readonly heartbeatMs: number;
  readonly restMs: number;
  readonly cluster: RestingCluster;
  dropPeer: PeerHub["drop"];
  /** A rest of the cluster has ended. */
  onRestEnd(): void;
  /** This node has become head. */
  onTerm(): void;
}

/** What makes this node head, and what it does then. None of it is started yet. */
export interface HeadParts {
  readonly keeper: LeaseKeeper;
  readonly head: Head;
  readonly runner: JobRunner;
  /** Which MPI kernel has the cluster. */
  readonly hold: ClusterHold;
  /** The held generation; null unless this node is head. */
  generation(): number | null;
  /** Whether this node may become head, or remain it. */
  isReady(): boolean;
}

export function createHeadParts(deps: AgentDeps, around: Around): HeadParts {
  const { clock, log } = deps;
  const { self, health, ttlMs } = around;
  // One that goes is a bad head, but not a bad place for what runs there yet.
  const isGoing = () => health.shutsDown() || health.notices.now().some(isBinding);
  const holdsNothing = () => runner.running() === null || !runner.worksOn(self.address);
  const isReady = () =>
    health.readiness.failing().length === 0 &&
    !head.isSetAside(self.id) &&
    !head.isToHandOver() &&
    !(isGoing() && holdsNothing());
  const keeper = createLeaseKeeper({
    ...{ store: deps.lease, clock, self, ttlMs, isReady, log },
    mayHold: isWorker(self),
  });
  const generation = () => keeper.generation();
  const head = createHead({
    ...headDeps(deps, around),
    generation,
    isJobRunning: () => runner.running() !== null,
    holdsWork: (address) => runner.worksOn(address),
    cleaner: createCleanerOf(deps, around.cluster.store, () => runner),
    isUnchanged: () => around.cluster.rests() && hold.holder() === null,
    onRestEnd: around.onRestEnd,
    onTerm() {
      runner.wake();
      around.onTerm();
    },
    onJobsMayStart: () => runner.wake(),
  });
  const hold = createClusterHold({
    term() {
      const seen = head.seen();
      return seen === null ? null : { ...seen, isShared: seen.meta.shareWithNotebooks === true };
    },
    runningJob: () => runner.running(),
    clock,
  });
  const runner = createRunnerOf(deps, { head, hold, generation, dropPeer: around.dropPeer });
  return { keeper, head, hold, runner, generation, isReady };
}

const headDeps = (deps: AgentDeps, { self, health, heartbeatMs, restMs, cluster }: Around) => ({
  ...{ self, heartbeatMs, restMs, hostfile: deps.hostfile, clock: deps.clock, log: deps.log },
  instanceType: deps.identity.instanceType,
  logBucket: deps.config.logBucket,
  cluster: cluster.store,
  failingProbes: health.failingProbes,
  notices: health.notices.now,
  replacing: {
    ...{ group: deps.group, lastWords: deps.lastWords },
    // Before a size is set, what is wanted must be what is wanted now.
    readCluster: deps.cluster.readCluster,
    limits: replacementLimits(deps.config.replacement),
  },
  recheck: deps.recheck,
  note: deps.note,
});

const createCleanerOf = (
  deps: AgentDeps,
  cluster: RestingCluster["store"],
  runner: () => Pick<JobRunner, "running">,
) =>
  createCleaner({
    files: deps.files,
    isJobRunning: async () =>
      runner().running() !== null ||
      (await deps.jobs.queue()).some((entry) => !isUnreadable(entry) && entry.status === "INPROGRESS"),
    noteFiles: cluster.noteFiles,
    ...{ clock: deps.clock, log: deps.log },
  });

const createRunnerOf = (
  deps: AgentDeps,
  {
    head,
    hold,
    generation,
    dropPeer,
  }: Pick<HeadParts, "head" | "hold" | "generation"> & Pick<Around, "dropPeer">,
): JobRunner =>
  deps.createRunner({
    ...{ generation, hostfileNow: head.hostfileNow, inTouch: head.inTouch, heard: head.heard },
    ...{
      instanceAt: head.instanceAt,
      setAside: head.setAside,
      leaving: head.leaving,
      boundBy: () => {
        const holder = hold.holder();
        return holder === null ? head.boundBy() : [holder];
      },
      handsOver: head.handsOver,
      endRest: head.endRest,
    },
    giveUp(address) {
      const id = head.instanceAt(address);
      if (id === null) return;
      dropPeer(id);
      head.lose(id);
    },
  });
