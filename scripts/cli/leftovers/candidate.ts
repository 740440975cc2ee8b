import { TAG } from "../../../agent/contract/names.js";
import type { FoundThing } from "../core/cleanup.js";

/** A resource in the account that may belong to an org. */
export type Candidate = FoundThing;

/**
 * The candidates that belong to the org: by its tag; by a name made from its name, if no tag says otherwise; or as part of one
 * that does. Order as given.
 */
export function ofOrg(candidates: readonly Candidate[], org: string): Candidate[] {
  const owned = new Set(candidates.filter((candidate) => isOwned(candidate, org)));
  for (let before = -1; before !== owned.size; ) {
    before = owned.size;
    const ids = new Set([...owned].map(({ id }) => id));
    for (const candidate of candidates) if (candidate.within?.some((id) => ids.has(id))) owned.add(candidate);
  }
  return candidates.filter((candidate) => owned.has(candidate));
}

function isOwned({ id, name, tags }: Candidate, org: string): boolean {
  const tagged = tags?.[TAG.ORG];
  if (tagged !== undefined) return tagged === org;
  return isNamedFor(name ?? id, org);
}

/** `muster-<org>`, `muster-<org>-...`, `alias/muster-<org>`, `/muster/<org>/...`. */
function isNamedFor(name: string, org: string): boolean {
  const flat = name.replace(/^alias\//, "");
  return flat === `muster-${org}` || flat.startsWith(`muster-${org}-`) || name.startsWith(`/muster/${org}/`);
}
