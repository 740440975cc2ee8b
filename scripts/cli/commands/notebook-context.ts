import type { Command } from "commander";
import type { NotebookItem } from "../../../agent/contract/notebook.js";
import { findNotebook } from "../core/notebooks.js";
import type { ListedNotebook } from "../render/notebook.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";

type Introduction = Parameters<typeof orgCommand>[2];

/** A command that works on one notebook of an org. */
export const notebookCommand = (parent: Command, name: string, introduction: Introduction): Command =>
  orgCommand(parent, name, introduction).argument(
    "<name>",
    "the notebook's name, which is unique in the org",
  );

/** As onOrg, with the notebook. */
export function onNotebook<O>(
  command: Command,
  session: Session,
  act: (context: OrgContext, notebook: NotebookItem, options: O) => Promise<number>,
): void {
  onOrg<O>(command, session, async (context, options, name = "") =>
    act(context, await findNotebook(context.access, context.place, name), options),
  );
}

/** The notebook with its cluster's name. */
export async function withCluster(notebook: NotebookItem, { access }: OrgContext): Promise<ListedNotebook> {
  const cluster = await access.clusters.read(notebook.clusterUuid);
  return { ...notebook, clusterName: cluster?.name ?? null };
}
