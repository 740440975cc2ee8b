import { GetCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { pMapIterable } from "p-map";
import { readAccess, readNodes } from "../../../agent/aws/cluster-store.js";
import { perform, withoutKeys } from "../../../agent/aws/table.js";
import { type ClusterStatus, LISTED_STATUSES } from "../../../agent/contract/cluster-state.js";
import {
  byClusterName,
  type ClusterKey,
  clusterKeysIn,
  clusterNamesQuery,
  clustersQuery,
  uuidsIn,
} from "../../../agent/contract/clusters.js";
import type { EventItem } from "../../../agent/contract/event.js";
import { type EventPlace, eventsQuery } from "../../../agent/contract/events-query.js";
import { LEASE_SK, META_SK, nameKey, partitionKeyed, SORT_KEY } from "../../../agent/contract/keys.js";
import { summarizeNodes } from "../../../agent/contract/nodes.js";
import type { ClusterItem, LeaseItem, NameItem } from "../../../agent/contract/registry.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { Clusters } from "../core/ports.js";
import { streamed } from "./streamed.js";
import type { OrgTable } from "./table.js";

/** Events that are read at once. */
const PAGE = 200;
const READS_AT_ONCE = { concurrency: 16 } as const;

/** The org's clusters in its registry. The index lags behind by moments, so each cluster it names is read itself. */
export function registryClusters({ client, TableName, aborting, call }: OrgTable, org: string): Clusters {
  async function read(uuid: string): Promise<ClusterItem | null> {
    const Key = partitionKeyed(uuid, META_SK);
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), aborting);
    return Item === undefined ? null : withoutKeys<ClusterItem>(Item);
  }

  /** What `found` finds in the pages of a query's answer. */
  async function all<T>(
    query: object,
    found: (items: readonly Record<string, unknown>[]) => readonly T[],
  ): Promise<readonly T[]> {
    const its: T[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, { TableName, ...query }, aborting))
      its.push(...found(Items));
    return its;
  }

  const uuidsWith = (status: ClusterStatus) => all(clustersQuery(status), uuidsIn);
  const namedKeys = () => all(clusterNamesQuery(org), clusterKeysIn);

  /** Which clusters there may be, in the order of a list: of all of them no more is held. */
  async function listedKeys(): Promise<readonly ClusterKey[]> {
    const [named, ...others] = await Promise.all([namedKeys(), ...LISTED_STATUSES.map(uuidsWith)]);
    const keys = new Map(named.map((key) => [key.uuid, key]));
    const nameless = new Set(others.flat().filter((uuid) => !keys.has(uuid)));
    for await (const found of pMapIterable(nameless, read, READS_AT_ONCE))
      if (found !== null) keys.set(found.uuid, { uuid: found.uuid, name: found.name });
    return [...keys.values()].sort(byClusterName);
  }

  async function* listed(): AsyncGenerator<ClusterItem> {
    for await (const cluster of pMapIterable(await listedKeys(), ({ uuid }) => read(uuid), READS_AT_ONCE))
      if (cluster !== null && cluster.clusterStatus !== "REMOVED") yield cluster;
  }

  async function named(name: string): Promise<ClusterItem | null> {
    const get = new GetCommand({ TableName, Key: nameKey(org, name), ConsistentRead: true });
    const { Item } = await client.send(get, aborting);
    const found = Item === undefined ? null : await read((Item as NameItem).clusterUuid);
    return found?.name === name && found.clusterStatus !== "REMOVED" ? found : null;
  }

  /** The place before the newest `limit` events after `place`; of the events themselves nothing is kept. */
  async function placeBefore(uuid: string, place: EventPlace, limit: number): Promise<EventPlace> {
    const query = {
      ...{ TableName, ...eventsQuery(uuid, { after: place, isNewestFirst: true }) },
      ProjectionExpression: "#sk",
    };
    let left = limit;
    for await (const { Items = [] } of paginateQuery({ client, pageSize: PAGE }, query, aborting)) {
      const before = Items[left];
      if (before !== undefined) return String(before[SORT_KEY]);
      left -= Items.length;
    }
    return place;
  }

  async function* newestEvents(uuid: string, place: EventPlace, limit: number): AsyncGenerator<EventItem> {
    const after = await placeBefore(uuid, place, limit);
    const query = { TableName, ...eventsQuery(uuid, { after }) };
    let left = limit;
    for await (const { Items = [] } of paginateQuery({ client, pageSize: PAGE }, query, aborting))
      for (const item of Items) {
        // What happens meanwhile comes last.
        if (left === 0) return;
        left -= 1;
        yield withoutKeys<EventItem>(item);
      }
  }

  return {
    read: (uuid) => call(`read cluster ${uuid}`, () => read(uuid)),
    nodes: (cluster) =>
      call(`read the nodes of cluster ${cluster.uuid}`, async () => {
        const table = { client, TableName, clusterUuid: cluster.uuid };
        return summarizeNodes(await readNodes(table, aborting), cluster);
      }),
    newestEvents: (uuid, place, limit) =>
      streamed(call, `list the events of cluster ${uuid}`, newestEvents(uuid, place, limit)),
    eventsAfter: (uuid, place) =>
      call(`list the events of cluster ${uuid}`, async () => {
        const query = new QueryCommand({ TableName, ...eventsQuery(uuid, { after: place }), Limit: PAGE });
        const { Items = [] } = await client.send(query, aborting);
        return Items.map((item) => withoutKeys<EventItem>(item));
      }),
    hosts: ({ uuid }) =>
      call(`read the nodes of cluster ${uuid}`, () =>
        readAccess({ client, TableName, clusterUuid: uuid }, aborting),
      ),
    repair: (uuid) =>
      call(`repair cluster ${uuid}`, () =>
        perform({ client, TableName }, clusterWrites.repair(uuid), aborting),
      ),
    named: (name) => call(`find cluster ${name}`, () => named(name)),
    list: () => streamed(call, "list the clusters", listed()),
  };
}

/** Reads who is head of a cluster: a consistent read. */
export const leaseReader =
  ({ client, TableName, aborting }: OrgTable) =>
  async (uuid: string): Promise<LeaseItem | null> => {
    const Key = partitionKeyed(uuid, LEASE_SK);
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), aborting);
    return Item === undefined ? null : withoutKeys<LeaseItem>(Item);
  };
