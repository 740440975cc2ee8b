import type { Command } from "commander";
import { EXIT } from "../core/exit.js";
import { awaitNotebook } from "../notebooks/await-ready.js";
import { startNotebook } from "../notebooks/start.js";
import { type Session, type WaitOptions, withWait } from "./context.js";
import { notebookCommand, onNotebook, withCluster } from "./notebook-context.js";
import { waitFor } from "./waiting.js";

/** `muster notebook start` */
export function addNotebookStart(parent: Command, session: Session): void {
  const command = notebookCommand(parent, "start", {
    summary: "gives a notebook that is parked, or has failed, its node, and waits until it is ready",
    more: "One that has a node is left as it is. Its home is as it was.",
    example: "muster notebook start explore --timeout 15m",
  });
  withWait(command, "until it is ready", true);
  onNotebook<WaitOptions>(command, session, async (context, found, { wait }) => {
    const { access, out, world, flags } = context;
    const { is, notebook } = await startNotebook(access.notebooks, found, world.now);
    out.say(is === "awake" ? `notebook ${found.name} has a node` : `notebook ${found.name} gets a node`);
    const see = `see how far it is with \`muster notebook show ${found.name}${flags}\``;
    const goesOn = `the notebook starts all the same; ${see}`;
    const last = wait ? await waitFor(context, goesOn, (own) => awaitNotebook(found.name, own)) : notebook;
    out.say(
      wait
        ? `notebook ${found.name} is ready; open it with \`muster notebook open ${found.name}${flags}\``
        : see,
    );
    await out.document(await withCluster(last, context));
    return EXIT.done;
  });
}
