import type { Command } from "commander";
import { EXIT } from "../core/exit.js";
import { renderNotebook } from "../render/notebook.js";
import type { Session } from "./context.js";
import { notebookCommand, onNotebook, withCluster } from "./notebook-context.js";

/** `muster notebook show` */
export function addNotebookShow(parent: Command, session: Session): void {
  const command = notebookCommand(parent, "show", {
    summary: "shows a notebook: how it is, what it waits for, and when it parks",
    more: "As its node last wrote it: at most a minute ago.",
    example: "muster notebook show explore",
  });
  onNotebook(command, session, async (context, found) => {
    const notebook = await withCluster(found, context);
    await context.out.print(renderNotebook(notebook, context.world.now()));
    await context.out.document(notebook);
    return EXIT.done;
  });
}
