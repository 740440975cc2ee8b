import type { ClusterItem } from "./registry.js";

/** What uses an org's shared resources, for people. */
export interface OrgUse {
  /** "2 clusters and 1 notebook". */
  readonly count: string;
  /** A line for each, indented by two: name, UUID and status. */
  readonly lines: readonly string[];
}

const LISTED = 20;

/**
 * The rule of every teardown: an org is in use while it has a cluster that is not REMOVED, FAILED ones included, or a notebook.
 * Null: it is not in use. Pure.
 */
export function orgUse(
  clusters: readonly Pick<ClusterItem, "name" | "uuid" | "clusterStatus">[],
  notebooks: readonly string[],
): OrgUse | null {
  if (clusters.length + notebooks.length === 0) return null;
  const more = clusters.length - LISTED;
  return {
    count: [...counted(clusters.length, "cluster"), ...counted(notebooks.length, "notebook")].join(" and "),
    lines: [
      ...clusters
        .slice(0, LISTED)
        .map(({ name, uuid, clusterStatus }) => `  ${name} ${uuid} ${clusterStatus}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
      ...(notebooks.length === 0 ? [] : [`  notebooks: ${notebooks.join(", ")}`]),
    ],
  };
}

const counted = (count: number, what: string): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? "" : "s"}`];
