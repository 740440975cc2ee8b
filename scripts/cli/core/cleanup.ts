import { TAG } from "../../../agent/contract/names.js";

/** A resource in the account that may be an org's. */
export interface FoundThing {
  /** As people call it: "VPC", "log group", ... */
  readonly kind: string;
  readonly id: string;
  /** The name, if Muster chooses it; for IAM with its path. */
  readonly name?: string;
  /** Where calls about it need that. */
  readonly arn?: string;
  /** undefined: it has none, or the service does not return its tags. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Ids of what it is part of: if one of those is the org's, so is this. */
  readonly within?: readonly string[];
  /** "gone": deleted, but still listed for a while. "pending deletion": deletion has started and can't be made faster. */
  readonly status: "live" | "gone" | "pending deletion";
}

/**
 * What is removed together, one after another. Whatever needs another comes before it: what writes before what is written to, what is encrypted
 * before its key. The registry is late: while it is there, it says what the org has.
 */
const STAGES = [
  ["Auto Scaling group", "alarm", "dashboard"],
  ["instance"],
  ["launch template", "placement group", "image", "flow log"],
  ["snapshot", "volume", "VPC endpoint", "NAT gateway", "mount target", "file system access point"],
  ["file system", "elastic IP", "network interface"],
  ["security group", "route table", "internet gateway"],
  ["subnet"],
  ["VPC"],
  ["bucket", "log group", "instance profile"],
  ["role"],
  ["policy", "parameter", "table"],
  ["key alias"],
  ["key"],
] as const;
export type RemovableKind = (typeof STAGES)[number][number];

/** What can't have a tag, or is made by AWS itself without one: it goes with what it is part of. */
const UNTAGGED_PARTS: readonly string[] = ["mount target", "network interface", "key alias", "dashboard"];

/** Of what keeps costing when it is kept: list prices in us-east-1. */
const STORAGE_COSTS: Readonly<Record<string, string>> = {
  "file system": "0.30 USD per GB and month",
  bucket: "0.023 USD per GB and month",
  volume: "0.08 USD per GB and month",
  snapshot: "0.05 USD per GB and month",
  table: "0.25 USD per GB and month",
  key: "1 USD a month",
};

/** A thing that stays, and why. */
export interface KeptThing {
  readonly kind: string;
  readonly id: string;
  readonly why: string;
  /** Whether --keep names it. */
  readonly isChosen: boolean;
}

/** What is removed, stage by stage in order, and what is not. */
export interface RemovalPlan {
  readonly stages: readonly (readonly FoundThing[])[];
  readonly kept: readonly KeptThing[];
}

/**
 * Chooses what to remove: what has the org's tag, and parts of that which can't have it. What is only named for the org is not touched.
 * `keep`: kinds, or ids, that are not to be removed. Pure.
 */
export function planRemoval(
  things: readonly FoundThing[],
  org: string,
  keep: readonly string[],
): RemovalPlan {
  const live = things.filter(({ status }) => status === "live");
  const own = new Set(live.filter(({ tags }) => tags?.[TAG.ORG] === org).map(({ id }) => id));
  const decided = live.map((thing) => [thing, whyKept(thing, { org, own, keep })] as const);
  const chosen = decided.flatMap(([thing, kept]) => (kept === null ? [thing] : []));
  return {
    stages: STAGES.map((kinds) => chosen.filter(({ kind }) => kinds.some((one) => one === kind))).filter(
      (stage) => stage.length > 0,
    ),
    kept: decided.flatMap(([{ kind, id }, kept]) => (kept === null ? [] : [{ kind, id, ...kept }])),
  };
}

const isRemovable = (kind: string): boolean => STAGES.flat().some((one) => one === kind);

interface Choice {
  readonly org: string;
  /** Ids of what has the org's tag. */
  readonly own: ReadonlySet<string>;
  readonly keep: readonly string[];
}

/** Null: it is removed. */
function whyKept(
  { kind, id, tags, within = [] }: FoundThing,
  { org, own, keep }: Choice,
): Pick<KeptThing, "why" | "isChosen"> | null {
  const stays = (why: string) => ({ why, isChosen: false });
  const isPart = UNTAGGED_PARTS.includes(kind) && within.some((whole) => own.has(whole));
  const tagged = tags?.[TAG.ORG];
  if (tagged !== undefined && tagged !== org) return stays(`its tag ${TAG.ORG} is ${tagged}`);
  if (tagged === undefined && !isPart)
    return stays(`it has no tag ${TAG.ORG}: it goes with what it is part of, or you delete it by hand`);
  if (!isRemovable(kind)) return stays("this command removes no things of its kind: delete it by hand");
  if (!keep.includes(kind) && !keep.includes(id)) return null;
  const cost = STORAGE_COSTS[kind];
  const why = `--keep${cost === undefined ? "" : `; it goes on costing ${cost} (us-east-1)`}`;
  return { why, isChosen: true };
}

/** What --keep names that is neither a kind that is removed nor the id of something found: each is a mistake. Pure. */
export function keepProblems(things: readonly FoundThing[], keep: readonly string[]): readonly string[] {
  const isKnown = (word: string): boolean =>
    isRemovable(word) || things.some(({ id, status }) => id === word && status === "live");
  return keep
    .filter((word) => !isKnown(word))
    .map(
      (word) =>
        `--keep ${word}: there is nothing of this id, and it is no kind. Kinds: ${STAGES.flat().join(", ")}. Nothing was removed`,
    );
}
