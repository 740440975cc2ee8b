import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { Warning } from "../../core/diagnostic.js";

/** The consequence of a new secret for running nodes; the plan that will create it shows this too. */
const CONSEQUENCE =
  "Every token that was derived from the old secret (muster_token, the nodes' own) no longer fits. Agents that run keep the old one until they start again, and do not accept nodes that have the new one. Replace the nodes afterwards (terraform apply -replace=ADDRESS of its muster_fleet), or restart muster-agent on each of them.";

/** The warning of a plan that finds the secret gone. */
export const noSecretWarning = ({ name, uuid }: Pick<ClusterItem, "name" | "uuid">): Warning => ({
  code: "secret-missing",
  summary: `Cluster ${name} has no secret`,
  detail: `The SSM parameter of cluster ${uuid} was deleted: no node of it can start any more. The next apply makes another secret. ${CONSEQUENCE}`,
});

/** The warning of the apply that has made it. */
export const newSecretWarning = (name: string, uuid: string): Warning => ({
  code: "secret-renewed",
  summary: `Cluster ${name} has a new secret`,
  detail: `That of cluster ${uuid} was gone, and was made anew. ${CONSEQUENCE}`,
});
