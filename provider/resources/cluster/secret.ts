import type { ClusterItem } from "../../../agent/contract/registry.js";
import type { Warning } from "../../core/diagnostic.js";

/** The consequence of a new secret for running nodes; the plan that will create it shows this too. */
const CONSEQUENCE =
  "Every token of the old secret ends (muster_token's, muster token's): agents that run find the new secret within minutes, and take tokens of the old one for an hour after that. Get new tokens, and the new authority (muster token ca), in that time.";

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
