import { type GitPlace, type ReferenceChoice, referenceChoices } from "../contract/git-place.js";

/** What to fetch, and the path that is left of the URL. */
export interface Wanted {
  /** A full reference, a commit, or HEAD. */
  readonly want: string;
  readonly path: string;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** A name in its full forms, the one that is taken first at the front: of a branch and a tag with one name, the branch. */
function fullNames(name: string, { kind }: Pick<GitPlace, "kind">): readonly string[] {
  if (name.startsWith("refs/")) return [name];
  const kinds = kind === null ? (["heads", "tags"] as const) : [kind];
  return kinds.map((each) => `refs/${each}/${name}`);
}

/** The full names to look up in the repository; none: the choice needs no look. Pure. */
export function namesToLookUp(place: GitPlace, reference: string | undefined): string[] {
  const choices = referenceChoices(place.rest, reference);
  if (choices.some(({ name }) => name === null)) return [];
  return choices.flatMap(({ name }) => fullNames(name ?? "", place));
}

/**
 * What the source means, of the references that there are: the longest that is one; where none is, a full commit; null: nothing. A choice
 * without a name is the default branch. Pure.
 */
export function wantedOf(
  place: GitPlace,
  reference: string | undefined,
  found: ReadonlyMap<string, string>,
): Wanted | null {
  const choices = referenceChoices(place.rest, reference);
  for (const choice of choices) {
    const want = wantedReference(choice, place, found);
    if (want !== null) return { want, path: choice.path };
  }
  const commit = choices.find(({ name }) => name !== null && COMMIT.test(name));
  return commit === undefined ? null : { want: commit.name ?? "", path: commit.path };
}

function wantedReference(
  { name }: ReferenceChoice,
  place: GitPlace,
  found: ReadonlyMap<string, string>,
): string | null {
  if (name === null) return "HEAD";
  return fullNames(name, place).find((full) => found.has(full)) ?? null;
}

/** What was looked for and not found, completing "the repository has ...". Pure. */
export function describeReference({ rest, kind }: GitPlace, reference: string | undefined): string {
  const what = kind === "heads" ? "no branch" : kind === "tags" ? "no tag" : "no branch or tag";
  if (reference !== undefined) return `${what} ${reference}; a commit needs its 40 hex digits`;
  return `${what} that ${rest} begins with; a commit needs its 40 hex digits`;
}
