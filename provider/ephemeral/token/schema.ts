import type { Role } from "../../../agent/contract/tokens.js";
import { isClusterUuid, oneOf } from "../../client/checks.js";
import { computed, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** The roles for people and programs outside the cluster. */
const OUTSIDE_ROLES: readonly Role[] = ["reader", "operator"];

/** `ephemeral "muster_token"`: a token for a cluster's HTTP API. */
export const tokenSchema = {
  version: 0,
  description:
    "A token for a cluster's HTTP API. Terraform derives it from the cluster's secret in each run, so it stays the same until the secret changes. It is in no plan and no state.",
  attributes: {
    cluster_uuid: required(string, { description: "The cluster's UUID.", checks: [isClusterUuid] }),
    role: required(string, {
      description: "reader: reads status and jobs. operator: also submits and cancels jobs.",
      checks: [oneOf(OUTSIDE_ROLES)],
    }),
    token: computed(string, {
      description: "Send it as `authorization: Bearer <token>`.",
      sensitive: true,
    }),
  },
} as const satisfies Schema;
