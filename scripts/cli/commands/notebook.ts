import type { Command } from "commander";
import type { Session } from "./context.js";
import { addLazily, type LazyCommand } from "./lazy.js";

/** In the order of the help. */
export const NOTEBOOK_COMMANDS: readonly LazyCommand[] = [
  {
    name: "list",
    summary: "lists the org's notebooks",
    add: async (...to) => (await import("./notebook-list.js")).addNotebookList(...to),
  },
  {
    name: "show",
    summary: "shows a notebook: how it is, what it waits for, and when it parks",
    add: async (...to) => (await import("./notebook-show.js")).addNotebookShow(...to),
  },
  {
    name: "open",
    summary: "opens a notebook in the browser, at an address of this machine; starts it if it is parked",
    add: async (...to) => (await import("./notebook-open.js")).addNotebookOpen(...to),
  },
  {
    name: "stop",
    summary: "takes a notebook its node until it is opened or started again; its home stays",
    add: async (...to) => (await import("./notebook-stop.js")).addNotebookStop(...to),
  },
  {
    name: "start",
    summary: "gives a notebook that is parked, or has failed, its node, and waits until it is ready",
    add: async (...to) => (await import("./notebook-start.js")).addNotebookStart(...to),
  },
];

/** `muster notebook ...` */
export async function addNotebook(parent: Command, session: Session): Promise<void> {
  const group = parent
    .command("notebook")
    .summary("opens, stops and starts notebooks")
    .description("Opens, stops and starts notebooks: JupyterLab on a node of its own.")
    .enablePositionalOptions();
  await addLazily(group, session, NOTEBOOK_COMMANDS);
}
