import { isClosed } from "../../../agent/contract/cluster-state.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { type DiagnosticError, failure } from "../../core/diagnostic.js";

const LISTED = 20;

/** The error of a create if `holder` has the name. */
export function clusterNameTaken(org: string, holder: ClusterItem): DiagnosticError {
  const { name, uuid, clusterStatus, createdAt } = holder;
  const next =
    clusterStatus === "REMOVING"
      ? `It is being removed: wait until it is gone and apply again. Where nothing removes it any more, import it (terraform import ADDRESS ${uuid}) and destroy it.`
      : `To manage that one from here: terraform import ADDRESS ${uuid}. If only its address in the configuration changed: a moved block, or terraform state mv OLD NEW. To have another one beside it, give it another name. A replacement has to be destroyed before it is made (no create_before_destroy).`;
  return failure(
    "cluster-name-taken",
    `Org ${org} has a cluster ${name} already`,
    `${uuid}, status ${clusterStatus}, since ${createdAt}. ${next}`,
    ["name"],
  );
}

/**
 * The cluster with that name. Throws if there is none, or more than one (from before names were unique). A cluster that is being
 * removed counts only if there is no other.
 */
export function clusterNamed(clusters: readonly ClusterItem[], name: string): ClusterItem {
  const named = clusters.filter((cluster) => cluster.name === name);
  const staying = named.filter((cluster) => !isClosed(cluster));
  const [found, ...others] = staying.length > 0 ? staying : named;
  if (found === undefined) {
    const names = [...new Set(clusters.map((cluster) => cluster.name))];
    const known = names.length === 0 ? "none" : names.slice(0, LISTED).join(", ");
    const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
    throw failure(
      "cluster-unknown",
      `There is no cluster named "${name}"`,
      `The org's clusters here: ${known}${more}. ${OF_A_DESTROY}`,
      ["name"],
    );
  }
  if (others.length > 0) {
    const listed = [found, ...others].map(({ uuid, clusterStatus }) => `${uuid} ${clusterStatus}`).join(", ");
    throw failure(
      "cluster-name-ambiguous",
      `${others.length + 1} clusters are named "${name}"`,
      `Give uuid instead: ${listed}. ${OF_A_DESTROY}`,
      ["name"],
    );
  }
  return found;
}

/** A data source does not know why it is read. */
export const OF_A_DESTROY =
  "A destroy that only a data source is in the way of: terraform destroy -refresh=false.";
