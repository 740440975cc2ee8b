import { TAG } from "../../../agent/contract/names.js";

/** A resource in the account that may belong to an org. */
export interface Candidate {
  /** As people call it: "VPC", "log group", ... */
  readonly kind: string;
  readonly id: string;
  /** The name, if Muster chooses it; for IAM with its path. */
  readonly name?: string;
  /** Where calls about it need that. */
  readonly arn?: string;
  /** undefined: the service does not return its tags. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Ids of what it is part of: if one of those is the org's, so is this. */
  readonly within?: readonly string[];
  /** "gone": deleted, but still listed for a while. "pending deletion": deletion has started and can't be made faster. */
  readonly status: "live" | "gone" | "pending deletion";
}

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
