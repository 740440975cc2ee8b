import { failure } from "../core/diagnostic.js";
import type { Check } from "../core/types.js";
import { UNKNOWN, type Unknown } from "../core/value.js";

export type Tags = Readonly<Record<string, string>>;

/** Tags while planning. A null value means no tag. */
export type GivenTags = Unknown | null | Readonly<Record<string, string | null | Unknown>>;

/** AWS's 50 minus the three that Muster sets. */
const MAX_TAGS = 47;
const MAX_KEY = 128;
const MAX_VALUE = 256;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED = /^(aws|muster):/i;

/** What AWS and Muster accept as tags; null values pass. */
export const tagLimits: Check<Readonly<Record<string, string | null>>> = (tags) => {
  const given = knownTags(tags);
  const keys = Object.keys(given).filter((key) => !isKey(key));
  const values = Object.keys(given).filter((key) => !isValue(given[key] ?? ""));
  const problems = [
    ...(Object.keys(given).length > MAX_TAGS ? [`hold at most ${MAX_TAGS} tags`] : []),
    ...(keys.length > 0
      ? [
          `have keys of 1-${MAX_KEY} letters, digits, spaces and _.:/=+-@ that don't begin with "aws:" or "muster:" (not so: ${keys.join(", ")})`,
        ]
      : []),
    ...(values.length > 0
      ? [
          `have values of at most ${MAX_VALUE} letters, digits, spaces and _.:/=+-@ (not so: that of ${values.join(", ")})`,
        ]
      : []),
  ];
  return problems.length === 0 ? null : `must ${problems.join(", and must ")}`;
};

const isKey = (key: string): boolean =>
  key.length >= 1 && key.length <= MAX_KEY && CHARACTERS.test(key) && !RESERVED.test(key);
const isValue = (value: string): boolean => value.length <= MAX_VALUE && CHARACTERS.test(value);

/**
 * A resource's tags merged over the provider's default tags. Unknown as a whole while any value is unknown: a value that turns out
 * to be null means no tag.
 */
export function allTags(defaults: GivenTags, own: GivenTags): Tags | Unknown {
  if (hasUnknown(defaults) || hasUnknown(own)) return UNKNOWN;
  return { ...knownTags(defaults), ...knownTags(own) };
}

/** The same for an apply, when everything is known. */
export function appliedTags(defaults: GivenTags, own: GivenTags): Tags {
  const all = allTags(defaults, own);
  if (all === UNKNOWN)
    throw failure("tags-unknown", "Tags are not known yet", "Terraform applies only what it knows.", [
      "tags",
    ]);
  return all;
}

const hasUnknown = (tags: GivenTags): boolean =>
  tags === UNKNOWN || (tags !== null && Object.values(tags).includes(UNKNOWN));

function knownTags(tags: GivenTags): Tags {
  if (tags === null || tags === UNKNOWN) return {};
  const known = Object.entries(tags).filter((tag): tag is [string, string] => typeof tag[1] === "string");
  return Object.fromEntries(known);
}

/** The tags in a resource's state. */
interface StoredTags {
  readonly tags: GivenTags;
  readonly tags_all: GivenTags;
}

/**
 * Which existing tags are the resource's own: those that its state has as such, and those that come from neither the current nor the
 * last applied defaults. Null values stay: they mean no tag.
 */
export function ownTags(all: Tags, { tags, tags_all }: StoredTags, defaults: GivenTags): Tags | null {
  const before = knownTags(tags);
  const inherited = [knownTags(defaults), knownTags(tags_all)];
  const own = Object.entries(all).filter(
    ([key, value]) => Object.hasOwn(before, key) || inherited.every((other) => other[key] !== value),
  );
  if (tags === null || tags === UNKNOWN) return own.length === 0 ? null : Object.fromEntries(own);
  const unset = Object.entries(tags).filter(([, value]) => value === null) as unknown as typeof own;
  return Object.fromEntries([...unset, ...own]);
}

export interface TagChange {
  readonly set: Tags;
  readonly remove: readonly string[];
}

/** The changes from `before` to `after`; null: none. */
export function tagChange(before: Tags, after: Tags): TagChange | null {
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  const remove = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  return set.length === 0 && remove.length === 0 ? null : { set: Object.fromEntries(set), remove };
}
