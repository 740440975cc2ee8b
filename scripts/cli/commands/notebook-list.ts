import type { Command } from "commander";
import { EXIT } from "../core/exit.js";
import { renderNotebooks } from "../render/notebook.js";
import { onOrg, orgCommand, type Session } from "./context.js";

/** `muster notebook list` */
export function addNotebookList(parent: Command, session: Session): void {
  const command = orgCommand(parent, "list", {
    summary: "lists the org's notebooks",
    example: "muster notebook list --org demo --region us-east-1",
  });
  onOrg(command, session, async ({ access, out, place, world }) => {
    const [found, clusters] = await Promise.all([access.notebooks.list(), access.clusters.list()]);
    const names = new Map(clusters.map(({ uuid, name }) => [uuid, name]));
    const notebooks = found.map((notebook) => ({
      ...notebook,
      clusterName: names.get(notebook.clusterUuid) ?? null,
    }));
    if (notebooks.length === 0) out.say(`Org ${place.org} has no notebook in ${place.region}.`);
    await out.print(renderNotebooks(notebooks, world.now()));
    await out.document({ notebooks });
    return EXIT.done;
  });
}
