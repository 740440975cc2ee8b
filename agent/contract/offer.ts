import type { JobItem } from "./registry.js";

/** The path of new jobs on their way to the head: `POST` {job}, answered with {offered}; role peer or submitter. */
export const OFFER_PATH = "/v1/offers";

/** What has become of a new job that was offered to the head. `known`: there is one with its id. Null: it is to be submitted as ever. */
export type Offered = { readonly is: "started"; readonly job: JobItem } | { readonly is: "known" } | null;

/** The offer in a head's answer; null for any other text. Pure. */
export function offeredIn(text: string): Offered {
  try {
    const { offered } = JSON.parse(text) as { readonly offered?: Offered };
    return offered?.is === "started" || offered?.is === "known" ? offered : null;
  } catch {
    return null;
  }
}
