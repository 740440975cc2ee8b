import type { Command } from "commander";
import { EXIT } from "../core/exit.js";
import { onOrg, orgCommand, type Session } from "./context.js";

/** `muster leftovers` */
export function addLeftovers(parent: Command, session: Session): void {
  const command = orgCommand(parent, "leftovers", {
    summary: "lists what still exists of an org in the AWS account",
    more: "It searches by tag and by name, and changes nothing. Exit status: 1 if something is left or could not be checked.",
    example: "muster leftovers --org demo --region us-east-1",
  });
  onOrg(command, session, async ({ access, out, place }) => {
    const { leftovers, pendingDeletion } = await access.account.findLeftovers();
    await out.print([
      ...leftovers.map(({ kind, id }) => `left: ${kind} ${id}`),
      ...pendingDeletion.map(({ kind, id }) => `pending deletion: ${kind} ${id}`),
      ...(leftovers.length === 0 ? [`Nothing of org ${place.org} is left in ${place.region}.`] : []),
    ]);
    await out.document({ leftovers, pendingDeletion });
    return leftovers.length === 0 ? EXIT.done : EXIT.failed;
  });
}
