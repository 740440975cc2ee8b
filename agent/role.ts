import type { Logger } from "pino";
import { reasonOf } from "./errors.js";
import type { Head } from "./head/head.js";
import type { LeaseKeeper } from "./lease/keeper.js";
import type { HeadLink } from "./peers/head-link.js";
import type { PeerHub } from "./peers/peer-socket.js";
import type { Clock } from "./time/clock.js";
import { createNap } from "./time/nap.js";

/** The loop that makes this node head or follower, as the lease says. */
export interface RoleLoop {
  start(): void;
  /** Something changed (the link broke): look at once. */
  wake(): void;
  /** Ends the loop after the step under way; the role is left as it is. */
  stop(): Promise<void>;
}

export interface RoleDeps {
  readonly keeper: LeaseKeeper;
  readonly head: Head;
  readonly link: HeadLink;
  readonly peers: PeerHub;
  readonly ttlMs: number;
  isReady(): boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

const MAX_TICK_MS = 1_000;

export function createRoleLoop(deps: RoleDeps): RoleLoop {
  const { keeper, head, link, peers, clock, log } = deps;
  const nap = createNap(clock);
  let isStopping = false;
  /** What was logged last, so that an outage is told once and not every second. */
  let failure: string | null = null;
  let loop: Promise<void> = Promise.resolve();

  function standDown(): void {
    head.stop();
    peers.closeAll();
  }

  async function step(): Promise<void> {
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

  async function run(): Promise<void> {
    while (!isStopping) {
      try {
        await step();
        failure = null;
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== failure) log.warn({ reason }, "the registry's lease can't be read; trying again");
        failure = reason;
        if (keeper.generation() === null) standDown();
      }
      // Spread out, so that the nodes of a cluster don't all ask at the same moment.
      const tickMs = Math.min(MAX_TICK_MS, deps.ttlMs / 12) * (0.8 + 0.4 * Math.random());
      await nap.pause(tickMs);
    }
  }

  return {
    start: () => {
      loop = run();
    },
    wake: nap.wake,
    stop: () => {
      isStopping = true;
      nap.wake();
      return loop;
    },
  };
}
