import type { MusterClient } from "../../client/ports.js";
import type { Context } from "../../core/resource.js";
import type { notebookSchema } from "./schema.js";

/** What every action of `muster_notebook` gets. */
export type NotebookContext = Context<typeof notebookSchema, MusterClient>;
