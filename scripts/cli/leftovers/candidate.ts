import { TAG } from "../../../agent/contract/names.js";

/** A thing in the account that may be an org's. */
export interface Candidate {
  /** As people call it: "VPC", "log group", ... */
  readonly kind: string;
  readonly id: string;
  /** Where names are made by us: the name, for IAM with its path. */
  readonly name?: string;
  /** undefined: the service gives no tags with it. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Ids of what it is part of: it is the org's where one of those is. */
  readonly within?: readonly string[];
  /** "gone": still listed for a while, but deleted. "pending deletion": deletion is under way and can't be hurried. */
  readonly status: "live" | "gone" | "pending deletion";
}

/**
 * Those of the candidates that are the org's: by its tag; by a name made from its name, where no tag says otherwise; or
 * as part of one that is. Order as given.
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
