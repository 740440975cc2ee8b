import { byText } from "../text-order.js";
import { compareVersions } from "./version.js";

/** How many versions of a family stay where nothing else is said. */
export const KEPT_VERSIONS = 3;

/** One version of a family, as the rule of retention sees it. */
export interface KnownVersion {
  readonly id: string;
  readonly version: string;
  /** When its AMI was made, ISO 8601. */
  readonly createdAt: string;
  readonly isRelease: boolean;
  /** What would miss it: instances, launch templates. */
  readonly usedBy: readonly string[];
}

/** What happens to a version, and why. */
export interface Kept<T extends KnownVersion> {
  readonly version: T;
  readonly because: "release" | "newest" | "in-use" | null;
}

/** Newest first: by version, and by age where two bakes have the same version. Pure. */
export const newestFirst = (
  a: Pick<KnownVersion, "version" | "createdAt">,
  b: Pick<KnownVersion, "version" | "createdAt">,
): number => compareVersions(b.version, a.version) || byText(b.createdAt, a.createdAt);

/**
 * Which versions of one family stay: releases, the newest `keep`, and what is in use. A release among the newest counts as one of them.
 * `because` is null for those that are to go. Newest first. Pure.
 */
export function planRetention<T extends KnownVersion>(
  versions: readonly T[],
  keep: number,
): readonly Kept<T>[] {
  return versions.toSorted(newestFirst).map((version, rank) => {
    if (rank < keep) return { version, because: "newest" };
    if (version.isRelease) return { version, because: "release" };
    return { version, because: version.usedBy.length > 0 ? "in-use" : null };
  });
}
