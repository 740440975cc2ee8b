import type { Logger } from "pino";
import { reasonOf } from "./errors.js";
import type { Head } from "./head/ports.js";
import type { LeaseKeeper } from "./lease/keeper.js";
import type { HeadLink } from "./peers/head-link.js";
import type { PeerHub } from "./peers/peer-socket.js";
import type { Clock } from "./time/clock.js";
import { createLoop, type Loop } from "./time/loop.js";

export interface RoleDeps {
  readonly keeper: LeaseKeeper;
  readonly head: Pick<Head, "start" | "stop" | "hasReadyPeer" | "isAtRest">;
  readonly link: Pick<HeadLink, "isConnected" | "follow" | "close">;
  readonly peers: Pick<PeerHub, "closeAll" | "ask">;
  readonly ttlMs: number;
  /** How often it asks the nodes of a cluster at rest. */
  readonly restMs: number;
  isReady(): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

const MAX_PAUSE_MS = 1_000;
/** Of a node that has its head, in pauses: the end of its link wakes it. */
const FOLLOWING_PAUSES = 30;

/** The loop that makes this node head or follower, as the lease says. Its stop leaves the role as it is. */
export function createRoleLoop(deps: RoleDeps): Loop {
  const { keeper, head, link, peers, clock, log } = deps;
  /** Spread out, so that the nodes of a cluster don't all ask at the same moment. */
  const pauseMs = () => Math.min(MAX_PAUSE_MS, deps.ttlMs / 12) * (0.8 + 0.4 * Math.random());

  function standDown(): void {
    head.stop();
    peers.closeAll();
  }

  async function take(): Promise<void> {
    const standing = await keeper.step(link.isConnected());
    if (standing.role === "head") {
      if (deps.isReady() || !head.hasReadyPeer()) {
        await link.close();
        return head.start(standing.generation);
      }
      log.warn("this node is not ready and another is: it gives up the lease");
      await keeper.release();
    }
    standDown();
    if (standing.role === "follower") link.follow(standing.lease);
  }

  async function step(): Promise<number> {
    try {
      await take();
    } catch (error) {
      if (keeper.generation() === null) standDown();
      throw error;
    }
    if (keeper.generation() === null) return pauseMs() * (link.isConnected() ? FOLLOWING_PAUSES : 1);
    if (!head.isAtRest()) return pauseMs();
    // Each node that is asked knows of the renewal then: another head is there as soon after this one's loss as ever.
    peers.ask();
    return keeper.isDue() ? pauseMs() : deps.restMs;
  }

  return createLoop({
    step,
    retryMs: pauseMs(),
    onOutage: (error) =>
      log.warn({ reason: reasonOf(error) }, "the registry's lease can't be read; trying again"),
    clock,
  });
}
