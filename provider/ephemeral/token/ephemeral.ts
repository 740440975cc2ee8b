import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import type { MusterClient } from "../../client/ports.js";
import { failure } from "../../core/diagnostic.js";
import { ephemeralFor } from "../../core/ephemeral.js";
import { tokenSchema } from "./schema.js";

/** `ephemeral "muster_token"`. Opening it creates nothing, so there is nothing to renew or close. */
export const tokenEphemeral = ephemeralFor<MusterClient>()({
  schema: tokenSchema,

  async open({ cluster_uuid: uuid, role }, { client }) {
    const secret = await client.secrets.read(uuid);
    if (secret === null) {
      throw failure(
        "secret-missing",
        `Cluster ${uuid} has no secret`,
        `Org ${client.org} has none of it in ${client.region}: let cluster_uuid refer to a muster_cluster, and check the provider's org and region.`,
        ["cluster_uuid"],
      );
    }
    // The schema's check accepts only roles.
    return { result: { token: roleToken(secret.value, role as Role) } };
  },
});
