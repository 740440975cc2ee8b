import { OFFER_PATH, type Offered, offeredIn } from "../contract/offer.js";
import type { JobItem } from "../contract/registry.js";
import type { PeerClient } from "./peer-client.js";

const TIMEOUT_MS = 2_000;

/** Offers a new job to the head at `address`. Null where it gives no answer, too: who offers it then submits it, and finds it if it is there. */
export type OfferJob = (address: string, job: JobItem) => Promise<Offered>;

export function createOfferJob(peers: Pick<PeerClient, "post">): OfferJob {
  return async (address, job) => {
    try {
      const { status, body } = await peers.post(address, OFFER_PATH, JSON.stringify({ job }), TIMEOUT_MS);
      return status === 200 ? offeredIn(body) : null;
    } catch {
      return null;
    }
  };
}
