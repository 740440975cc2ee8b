import type { ClusterItem } from "../../../agent/contract/registry.js";
import { failure } from "../../core/diagnostic.js";

const LISTED = 20;

/**
 * The cluster of that name. Throws where there is none, or more than one: names are the user's, only UUIDs are unique. One
 * that is being removed counts only where there is no other.
 */
export function clusterNamed(clusters: readonly ClusterItem[], name: string): ClusterItem {
  const named = clusters.filter((cluster) => cluster.name === name);
  const staying = named.filter(({ clusterStatus }) => clusterStatus !== "REMOVING");
  const [found, ...others] = staying.length > 0 ? staying : named;
  if (found === undefined) {
    const names = [...new Set(clusters.map((cluster) => cluster.name))];
    const known = names.length === 0 ? "none" : names.slice(0, LISTED).join(", ");
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
    throw failure(`There is no cluster named "${name}"`, `The org's clusters here: ${known}${more}.`, [
      "name",
    ]);
  }
  if (others.length > 0) {
    const listed = [found, ...others].map(({ uuid, clusterStatus }) => `${uuid} ${clusterStatus}`).join(", ");
    throw failure(`${others.length + 1} clusters are named "${name}"`, `Give uuid instead: ${listed}.`, [
      "name",
    ]);
  }
  return found;
}
