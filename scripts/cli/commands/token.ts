import { type Command, Option } from "commander";
import { type Role, roleToken } from "../../../agent/contract/tokens.js";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { addTokenAuthority } from "./token-authority.js";
import { addTokenRotate } from "./token-rotate.js";

/** The roles that people use; the agents' own token is never printed. */
const PEOPLES = ["reader", "operator"] as const satisfies readonly Role[];
const MAY = {
  reader: "read the cluster's status and jobs",
  operator: "read, submit and cancel its jobs",
} as const;

/** `muster token`, and what is below it. */
export function addToken(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "token", {
    summary: "prints a token for the agents' HTTPS API",
    more: "It is derived from the cluster's secret in SSM, which your credentials must be able to read. The token is a secret too.",
    example: "muster token --cluster alpha --role reader",
  })
    .enablePositionalOptions()
    // Not mandatory for Commander: the commands below this one have no role.
    .addOption(new Option("--role <role>", "what the token allows").choices(PEOPLES));
  onCluster<{ readonly role?: (typeof PEOPLES)[number] }>(
    command,
    session,
    async ({ access, out, place }, { role }) => {
      if (role === undefined) return command.error("error: required option '--role <role>' not specified");
      const cluster = await findCluster(access, place);
      const token = roleToken((await access.secrets.read(cluster.uuid)).value, role);
      out.say(
        `warning: this token is a secret: with it, anyone who can reach a node can ${MAY[role]}, until the cluster's secret is rotated.`,
      );
      await out.print([token]);
      await out.document({ clusterUuid: cluster.uuid, role, token });
      return EXIT.done;
    },
  );
  addTokenAuthority(command, session);
  addTokenRotate(command, session);
}
