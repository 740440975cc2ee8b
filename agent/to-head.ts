import type { AgentDeps } from "./agent-deps.js";
import type { StatusOfCluster } from "./contract/http.js";
import type { Offered } from "./contract/offer.js";
import type { JobItem } from "./contract/registry.js";
import { mergeNudges, type Nudge } from "./jobs/nudge.js";
import { mayBePlanned } from "./jobs/planned-launch.js";
import type { JobRunner } from "./jobs/runner.js";
import type { LeaseKeeper } from "./lease/keeper.js";
import type { HeadLink } from "./peers/head-link.js";
import { paced } from "./time/paced.js";

/** A node passes on 20 nudges a second at most, however many jobs its clients submit. */
const NUDGE_GAP_MS = 50;

/** What of a running agent leads to the head. */
interface Around {
  readonly self: { readonly id: string; readonly address: string };
  generation(): number | null;
  readonly keeper: Pick<LeaseKeeper, "seen">;
  link(): Pick<HeadLink, "isConnected" | "nudge">;
  readonly runner: Pick<JobRunner, "nudge" | "startNow">;
}

/** The ways to the head, which this node may be. */
export interface ToHead {
  /** Who is head, as far as this node is head or connected to it. */
  known(): StatusOfCluster["head"];
  /** Passes it on at the given pace; merged with others meanwhile. */
  nudge(nudge: Nudge): void;
  /** Has a new job started by the head at once. Null: no head is known, or it must look at its queue for that job. */
  startNow(job: JobItem): Promise<Offered>;
}

export function createToHead(deps: AgentDeps, around: Around): ToHead {
  const { self, generation, keeper, link, runner } = around;
  const isHead = () => generation() !== null;
  const known = () => {
    if (isHead()) return { id: self.id, address: self.address };
    const lease = link().isConnected() ? keeper.seen() : null;
    return lease === null ? null : { id: lease.holder, address: lease.holderAddress };
  };
  return {
    known,
    nudge: paced<Nudge>((given) => (isHead() ? runner.nudge(given) : link().nudge(given)), {
      gapMs: NUDGE_GAP_MS,
      merge: mergeNudges,
      clock: deps.clock,
    }),
    async startNow(job) {
      if (!mayBePlanned(job.request)) return null;
      if (isHead()) return runner.startNow(job);
      const address = known()?.address;
      return address === undefined ? null : deps.offer(address, job);
    },
  };
}
