import type { Offered } from "../contract/offer.js";
import type { JobItem } from "../contract/registry.js";
import type { Clock } from "../time/clock.js";

/** A new job that its submitter has not put into the registry. It is answered once. */
export interface Offer {
  readonly job: JobItem;
  answer(with_: Offered): void;
  fail(error: unknown): void;
}

/** Jobs that submitters offer to a head that has nothing to do, one at a time. */
export interface Offers {
  /** Resolves when the head has answered; with null at once where another is offered, and soon where the head does not take it. */
  make(job: JobItem): Promise<Offered>;
  /** The one that waits, which the caller has to answer; null: none. */
  take(): Offer | null;
}

/** A submitter waits no longer for the head to take its job: then it puts it itself. */
const PATIENCE_MS = 300;

export function createOffers(clock: Pick<Clock, "sleep">): Offers {
  let waiting: Offer | null = null;
  return {
    make(job) {
      if (waiting !== null) return Promise.resolve(null);
      return new Promise((resolve, reject) => {
        const offer: Offer = { job, answer: resolve, fail: reject };
        waiting = offer;
        void clock.sleep(PATIENCE_MS).then(() => {
          if (waiting !== offer) return;
          waiting = null;
          resolve(null);
        });
      });
    },
    take() {
      const offer = waiting;
      waiting = null;
      return offer;
    },
  };
}
