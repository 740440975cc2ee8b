import type { Logger } from "pino";
import { renderDuration } from "../contract/duration.js";
import {
  MPI_BEAT_SECONDS,
  MPI_SILENT_SECONDS,
  type MpiKernelBeat,
  type MpiKernelPlace,
  type MpiKernelTerm,
} from "../contract/notebook-mpi.js";
import { AgentError, reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";
import type { HoldAnswer, HoldRequest } from "./cluster-hold.js";
import { afterAsk, afterBeat, afterTime, holderOf, type MpiHolder } from "./mpi-holder.js";

/** The MPI kernels of this node's notebook: one of them at most holds the cluster. */
export interface MpiKernels {
  /** Gives the kernel the cluster. Throws AgentError mpi-kernel-refused. May run twice for a kernel. */
  take(kernel: string): Promise<MpiKernelPlace>;
  /** A sign of life. A kernel that this agent does not know keeps the cluster if no other has it: the agent was restarted. */
  beat(kernel: string, beat: MpiKernelBeat): MpiKernelTerm;
  /** The kernel has ended its ranks. May run twice. */
  release(kernel: string): void;
  seen(): { readonly kernels: number; readonly releaseAt: Date | null };
  start(): void;
  stop(): Promise<void>;
}

export interface MpiKernelsDeps {
  readonly idleMinutes: number;
  /**
   * What the kernel needs; null: the cluster has no node in its hostfile. The home is on all of them when it resolves. Rejects at once where
   * there is no head.
   */
  place(): Promise<MpiKernelPlace | null>;
  /** Asks the cluster's head. Bounded; rejects where there is none, or it does not answer. */
  askHead(request: Omit<HoldRequest, "notebook">): Promise<HoldAnswer>;
  readonly clock: Clock;
  readonly log: Logger;
}

const BEAT_MS = MPI_BEAT_SECONDS * 1_000;
/** A head that is new hears first who holds the cluster. */
const PATIENCE = { tries: 10, pauseMs: 2_000 } as const;
const MOST_ENDED = 100;
const SILENT = `the agent heard nothing of the kernel for ${MPI_SILENT_SECONDS} s`;

export function createMpiKernels(deps: MpiKernelsDeps): MpiKernels {
  const { clock, log } = deps;
  const idleMs = deps.idleMinutes * 60_000;
  const idleText = `no cell ran for ${renderDuration(idleMs)}; the next one starts the ranks again`;
  let holder: MpiHolder | null = null;
  /** The one that is about to get it. */
  let taking: string | null = null;
  /** Those that have lost it, and why. */
  const ended = new Map<string, string>();

  function end(kernel: string, why: string): void {
    if (ended.size >= MOST_ENDED) ended.delete([...ended.keys()][0] ?? "");
    ended.set(kernel, why);
    holder = null;
    log.info({ kernel, why }, "an MPI kernel has let the cluster go");
    // Where the head does not hear it, it forgets the kernel by itself.
    deps.askHead({ kernel, action: "release" }).catch(() => undefined);
  }

  function look(): void {
    if (holder === null) return;
    const after = afterTime(holder, { idleMs, nowMs: clock.monotonicMs(), idleText });
    if (after === "silent") end(holder.kernel, SILENT);
    else holder = after;
  }

  async function askPatiently(kernel: string): Promise<HoldAnswer> {
    for (let left = PATIENCE.tries; ; left -= 1) {
      const answer = await deps.askHead({ kernel, action: "take" }).catch((error: unknown) => {
        throw refused(`its head does not answer (${reasonOf(error)})`);
      });
      if (answer.refused === null || !answer.isEarly || left <= 1) return answer;
      await clock.sleep(PATIENCE.pauseMs);
    }
  }

  const loop = createLoop({
    async step() {
      look();
      const kept = holder?.kernel;
      if (kept === undefined) return BEAT_MS;
      const { refused: why } = await deps.askHead({ kernel: kept, action: "keep" });
      if (why !== null && holder?.kernel === kept) holder = afterAsk(holder, why);
      return BEAT_MS;
    },
    retryMs: BEAT_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "the head does not hear of the MPI kernel"),
    clock,
  });

  return {
    async take(kernel) {
      look();
      const other = [holder?.kernel, taking].find((one) => one != null && one !== kernel);
      if (other != null) throw refused(`another MPI kernel of this notebook has it (${other})`);
      if (taking === kernel) throw refused("it is being started for this kernel already");
      taking = kernel;
      try {
        const place = await deps.place();
        if (place === null)
          throw refused("it has no nodes; muster cluster resume gives a parked one its nodes back");
        if (holder?.kernel === kernel) return place;
        const { refused: why } = await askPatiently(kernel);
        if (why !== null) throw refused(why);
        ended.delete(kernel);
        holder = holderOf(kernel, clock.monotonicMs());
        log.info({ kernel, ranks: place.ranks }, "an MPI kernel has the cluster");
        return place;
      } finally {
        taking = null;
      }
    },
    beat(kernel, { working }) {
      look();
      const nowMs = clock.monotonicMs();
      if (holder === null && taking === null && !ended.has(kernel)) holder = holderOf(kernel, nowMs);
      if (holder?.kernel !== kernel)
        return { releaseAt: null, release: ended.get(kernel) ?? "another MPI kernel has the cluster" };
      holder = afterBeat(holder, working, nowMs);
      look();
      return { releaseAt: releaseAt()?.toISOString() ?? null, release: holder?.why ?? null };
    },
    release(kernel) {
      if (holder?.kernel === kernel) end(kernel, holder.why ?? "it has ended its ranks");
    },
    seen() {
      look();
      return { kernels: holder === null ? 0 : 1, releaseAt: releaseAt() };
    },
    start: () => void loop.start(),
    stop: loop.stop,
  };

  function releaseAt(): Date | null {
    if (holder === null || holder.state === "WORKING") return null;
    const leftMs = holder.idleSinceMs + idleMs - clock.monotonicMs();
    return new Date(clock.now().getTime() + Math.max(0, leftMs));
  }
}

const refused = (why: string): AgentError => new AgentError("mpi-kernel-refused", why);
