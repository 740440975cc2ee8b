import type { Command } from "commander";
import { pMapIterable } from "p-map";
import { EXIT } from "../core/exit.js";
import { type ListedNotebook, NOTEBOOK_HEADINGS, notebookRow } from "../render/notebook.js";
import { onOrg, orgCommand, type Session } from "./context.js";
import { showList, tableView } from "./show-list.js";

/** Of each cluster that has notebooks the name is read, once. */
const READS_AT_ONCE = { concurrency: 8 } as const;

/** `muster notebook list` */
export function addNotebookList(parent: Command, session: Session): void {
  const command = orgCommand(parent, "list", {
    summary: "lists the org's notebooks",
    example: "muster notebook list --org demo --region us-east-1",
  });
  onOrg(command, session, async ({ access, out, place, world }) => {
    const now = world.now();
    const names = new Map<string, Promise<string | null>>();
    const nameOf = (uuid: string): Promise<string | null> => {
      const name = names.get(uuid) ?? access.clusters.read(uuid).then((cluster) => cluster?.name ?? null);
      names.set(uuid, name);
      return name;
    };
    const notebooks = pMapIterable(
      access.notebooks.list(),
      async (notebook) => ({ ...notebook, clusterName: await nameOf(notebook.clusterUuid) }),
      READS_AT_ONCE,
    );
    const view = tableView("notebooks", NOTEBOOK_HEADINGS, (notebook: ListedNotebook) => [
      notebookRow(notebook, now),
    ]);
    const count = await showList(out, notebooks, view);
    if (count === 0) out.say(`Org ${place.org} has no notebook in ${place.region}.`);
    return EXIT.done;
  });
}
