import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { pMapIterable } from "p-map";
import { perform, withoutKeys } from "../../../agent/aws/table.js";
import { notebookNameKey, notebookSk, orgPk, partitionKeyed } from "../../../agent/contract/keys.js";
import type { NotebookItem, NotebookNameItem } from "../../../agent/contract/notebook.js";
import { notebookNamesIn, notebookNamesQuery } from "../../../agent/contract/notebook-names.js";
import type { Notebooks } from "../core/ports.js";
import type { Groups } from "./groups.js";
import { streamed } from "./streamed.js";
import type { OrgTable } from "./table.js";

const READS_AT_ONCE = { concurrency: 16 } as const;
/** A notebook may go to another cluster between the read of its name and its own. */
const TRIES = 3;

/** The org's notebooks in its registry, and their nodes' groups. Makes no call. */
export function registryNotebooks(
  { client, TableName, aborting, call }: OrgTable,
  org: string,
  groups: Pick<Groups, "find" | "setSize">,
): Notebooks {
  async function get<T extends object>(Key: Readonly<Record<string, string>>): Promise<T | null> {
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), aborting);
    return Item === undefined ? null : withoutKeys<T>(Item);
  }

  const readAt = (clusterUuid: string, name: string) =>
    get<NotebookItem>(partitionKeyed(clusterUuid, notebookSk(name)));

  async function find(name: string): Promise<NotebookItem | null> {
    for (let tried = 0; tried < TRIES; tried++) {
      const place = await get<NotebookNameItem>(notebookNameKey(org, name));
      const found = place === null ? null : await readAt(place.clusterUuid, name);
      if (place === null || found !== null) return found;
    }
    return null;
  }

  /** In the order of their keys: by name. */
  async function* names(): AsyncGenerator<string> {
    const query = { TableName, ...notebookNamesQuery(orgPk(org)) };
    for await (const { Items = [] } of paginateQuery({ client }, query, aborting))
      yield* notebookNamesIn(Items);
  }

  async function* listed(): AsyncGenerator<NotebookItem> {
    for await (const found of pMapIterable(names(), find, READS_AT_ONCE)) if (found !== null) yield found;
  }

  return {
    find: (name) => call(`read notebook ${name}`, () => find(name)),
    names: () => call("list the notebooks", () => Array.fromAsync(names())),
    list: () => streamed(call, "list the notebooks", listed()),
    perform: (write) => call("change a notebook", () => perform({ client, TableName }, write, aborting)),
    setSize: groups.setSize,
    async isLeaving(group, instanceId) {
      const { Instances = [] } = (await groups.find(group)) ?? {};
      const instance = Instances.find(({ InstanceId }) => InstanceId === instanceId);
      return instance === undefined || /^(?:Terminat|Detach)/.test(instance.LifecycleState ?? "");
    },
  };
}
