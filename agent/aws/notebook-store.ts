import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { NotebookItem } from "../contract/notebook.js";
import { notebookSk, partitionKeyed } from "../contract/registry.js";
import type { NotebookControl } from "../notebook/own-park.js";
import { type ClusterTable, perform, withoutKeys } from "./table.js";

const CALL_TIMEOUT_MS = 20_000;

/** The cluster's notebooks in the registry. Bounded; throws SDK errors. */
export interface NotebookStore extends Pick<NotebookControl, "perform"> {
  /** Consistently read; null: no notebook of that name is attached to this cluster. */
  read(name: string): Promise<NotebookItem | null>;
}

export function createNotebookStore(table: ClusterTable): NotebookStore {
  const { client, TableName, clusterUuid } = table;
  const bounded = () => ({ abortSignal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
  return {
    async read(name) {
      const Key = partitionKeyed(clusterUuid, notebookSk(name));
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), bounded());
      return Item === undefined ? null : withoutKeys<NotebookItem>(Item);
    },
    perform: (write) => perform(table, write, bounded()),
  };
}
