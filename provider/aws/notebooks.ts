import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import {
  clusterPk,
  META_SK,
  notebookNameKey,
  notebookSk,
  orgPk,
  PARTITION_KEY,
  partitionKeyed,
  SORT_KEY,
} from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import { notebookNamesIn, notebookNamesQuery } from "../../agent/contract/notebook-names.js";
import type { ClusterItem, NotebookItem, NotebookNameItem } from "../../agent/contract/registry.js";
import { moveWrites, notebookWrites } from "../../agent/contract/writes/notebook.js";
import { usageWrites } from "../../agent/contract/writes/usage.js";
import type { Notebooks } from "../client/ports.js";
import { callAws, isAwsError } from "./errors.js";
import { createPerformer } from "./perform.js";
import { queryItems } from "./query-items.js";
import type { AwsScope } from "./scope.js";
import type { OrgSdk } from "./sdk/parts.js";

const READS_AT_ONCE = 16;

/** The org's notebooks in the registry. Only this version's contract writes them, so their shape is known. */
export function awsNotebooks(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, scope: AwsScope): Notebooks {
  const TableName = tableName(scope.org);
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> =>
    callAws({ doing: `${doing} in table ${TableName}`, ...scope }, run);
  const performer = createPerformer(sdk, dynamo, TableName, scope.signal);
  const table = { sdk, dynamo, TableName, signal: scope.signal };

  async function get(Key: Record<string, string>): Promise<Record<string, unknown> | null> {
    const command = new sdk.GetCommand({ TableName, Key, ConsistentRead: true });
    return (await dynamo.send(command, aborting)).Item ?? null;
  }

  const namesIn = async (partition: string): Promise<readonly string[]> =>
    notebookNamesIn(await queryItems(table, notebookNamesQuery(partition))).toSorted();

  const namesOfOrg = (): Promise<readonly string[]> =>
    namesIn(orgPk(scope.org)).catch((error: unknown) => {
      if (isAwsError(error, "ResourceNotFoundException")) return [];
      throw error;
    });

  /** The notebook with that name, wherever it is; none where it is gone by now. */
  async function find(name: string): Promise<NotebookItem[]> {
    const held = await get(notebookNameKey(scope.org, name));
    const { clusterUuid } = (held ?? {}) as Partial<NotebookNameItem>;
    const item = clusterUuid === undefined ? null : await get(partitionKeyed(clusterUuid, notebookSk(name)));
    return item === null ? [] : [notebookOf(item)];
  }

  /** A cluster that is gone is named by its UUID. */
  async function clusterName(uuid: string): Promise<string> {
    const meta = (await get(partitionKeyed(uuid, META_SK))) as Pick<ClusterItem, "name"> | null;
    return meta?.name ?? uuid;
  }

  return {
    readName: (name) =>
      call(`read the name of notebook ${name}`, async () => {
        const item = await get(notebookNameKey(scope.org, name));
        return item as NotebookNameItem | null;
      }),

    read: (uuid, name) =>
      call(`read notebook ${name} of cluster ${uuid}`, async () => {
        const item = await get(partitionKeyed(uuid, notebookSk(name)));
        return item === null ? null : notebookOf(item);
      }),

    namesAt: (uuid) => call(`list the notebooks of cluster ${uuid}`, () => namesIn(clusterPk(uuid))),

    names: () => call("list the notebooks", namesOfOrg),

    all: () =>
      call("read the notebooks", async () => {
        const found: NotebookItem[] = [];
        const names = await namesOfOrg();
        for (let start = 0; start < names.length; start += READS_AT_ONCE)
          found.push(...(await Promise.all(names.slice(start, start + READS_AT_ONCE).map(find))).flat());
        return found;
      }),

    attach: (notebook) =>
      call(`create notebook ${notebook.name} of cluster ${notebook.clusterUuid}`, () =>
        performer.transact([notebookWrites.create(notebook), notebookWrites.name(notebook, null)]),
      ),

    move: (from, to) =>
      call(`move notebook ${to.name} from cluster ${from.clusterUuid} to ${to.clusterUuid}`, () =>
        performer.transact(moveWrites(from, to)),
      ),

    take: (seen, owner) =>
      call(`take notebook ${seen.name} over`, () =>
        performer.transact([notebookWrites.take(seen, owner), notebookWrites.takeName(seen, owner)]),
      ),

    update: (write) =>
      call(`update a notebook of ${write.key[PARTITION_KEY]}`, async () => {
        const item = await performer.update(write);
        return item === null ? null : notebookOf(item);
      }),

    recordUsage: (notebook) =>
      call(`record the usage of notebook ${notebook.name}`, async () => {
        const { usageToRecord = [] } = notebook;
        if (usageToRecord.length === 0) return;
        for (const interval of usageToRecord) {
          const name = await clusterName(interval.clusterUuid);
          await performer.write(usageWrites.recordNotebook(notebook, interval, name));
        }
        await performer.write(notebookWrites.noteRecorded(notebook, []));
      }),

    delete: (notebook) =>
      call(`delete notebook ${notebook.name} of cluster ${notebook.clusterUuid}`, async () => {
        await performer.write(notebookWrites.delete(notebook));
        // After the item, so that no other notebook gets the name before this one is deleted.
        await performer.write(notebookWrites.freeName(notebook));
      }),
  };
}

/** The item without its keys. */
function notebookOf(item: Record<string, unknown>): NotebookItem {
  const { [PARTITION_KEY]: _pk, [SORT_KEY]: _sk, ...notebook } = item;
  return notebook as NotebookItem;
}
