import type { Clock } from "../contract/clock.js";
import type { StatusOfCluster } from "../contract/http.js";
import type { StatusUpdate } from "../peers/messages.js";
import { createFollowerStatus, type FollowerStatusDeps } from "./follower-status.js";
import { createHeadStatus, type HeadStatusDeps } from "./head-status.js";
import { createRendering } from "./known-status.js";
import { createRegistryStatus, type RegistryStatusDeps } from "./registry-status.js";

export interface StatusDeps extends RegistryStatusDeps, FollowerStatusDeps, Pick<HeadStatusDeps, "seen"> {
  readonly self: NonNullable<StatusOfCluster["head"]>;
  /** Whether this node is head at this moment. */
  isHead(): boolean;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
}

/** The cluster's status on this node, whichever it is. */
export interface Status {
  /** A StatusReply as JSON; null: the registry has no such cluster. Rejects where there is nothing in memory and the registry fails. */
  read(): Promise<Buffer | null>;
  /** For another node, while this one is head: see HeadStatus. */
  update(held: number): Promise<StatusUpdate | null>;
  /** The head has answered this node. */
  note(generation: number, update: StatusUpdate): void;
}

/**
 * The head answers from its memory, a node that is connected to it from what the head has told it a second ago at most, and one
 * without a head from the registry, which it reads once a second at most.
 */
export function createStatus(deps: StatusDeps): Status {
  const { self, isHead, clock } = deps;
  const ofHead = createHeadStatus(deps);
  const ofFollower = createFollowerStatus(deps);
  const ofRegistry = createRegistryStatus(deps);
  const render = createRendering();
  return {
    async read() {
      const known = (await (isHead() ? ofHead : ofFollower).get()) ?? (await ofRegistry());
      if (known === null) return null;
      return render(known, { ...self, isHead: isHead() }, clock.monotonicMs());
    },
    update: ofHead.update,
    note: ofFollower.note,
  };
}
