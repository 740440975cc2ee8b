import type { Role } from "../../../agent/contract/tokens.js";
import { isClusterUuid, oneOf } from "../../client/checks.js";
import { computed, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** The roles that people and programs outside of the cluster may take. */
const OUTSIDE_ROLES: readonly Role[] = ["reader", "operator"];

/** `ephemeral "muster_token"`: what a cluster's HTTP API asks for. */
export const tokenSchema = {
  version: 0,
  description:
    "A token for a cluster's HTTP API. Made anew, from the cluster's secret, whenever Terraform runs; it is the same until the cluster is replaced, and is in no plan and no state.",
  attributes: {
    cluster_uuid: required(string, { description: "The cluster's UUID.", checks: [isClusterUuid] }),
    role: required(string, {
      description: "reader: status and jobs, read only. operator: also submits and cancels jobs.",
      checks: [oneOf(OUTSIDE_ROLES)],
    }),
    token: computed(string, {
      description: "To be sent as `authorization: Bearer <token>`.",
      sensitive: true,
    }),
  },
} as const satisfies Schema;
