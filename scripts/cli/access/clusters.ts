import { GetCommand, paginateQuery, QueryCommand } from "@aws-sdk/lib-dynamodb";
import pMap from "p-map";
import { readAccess, readNodes } from "../../../agent/aws/cluster-store.js";
import { perform, withoutKeys } from "../../../agent/aws/table.js";
import { type ClusterStatus, LISTED_STATUSES } from "../../../agent/contract/cluster-state.js";
import { clustersQuery, listedClusters, uuidsIn } from "../../../agent/contract/clusters.js";
import type { EventItem } from "../../../agent/contract/event.js";
import { eventsQuery } from "../../../agent/contract/events-query.js";
import { LEASE_SK, META_SK, partitionKeyed } from "../../../agent/contract/keys.js";
import { summarizeNodes } from "../../../agent/contract/nodes.js";
import type { ClusterItem, LeaseItem } from "../../../agent/contract/registry.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { Clusters } from "../core/ports.js";
import type { OrgTable } from "./table.js";

const PAGE = 200;
const READS_AT_ONCE = { concurrency: 16 } as const;

/** The org's clusters in its registry. The index lags behind by moments, so each cluster it names is read itself. */
export function registryClusters({ client, TableName, aborting, call }: OrgTable): Clusters {
  async function read(uuid: string): Promise<ClusterItem | null> {
    const Key = partitionKeyed(uuid, META_SK);
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), aborting);
    return Item === undefined ? null : withoutKeys<ClusterItem>(Item);
  }

  async function uuidsWith(status: ClusterStatus): Promise<readonly string[]> {
    const query = { TableName, ...clustersQuery(status) };
    const uuids: string[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, query, aborting))
      uuids.push(...uuidsIn(Items));
    return uuids;
  }

  return {
    read: (uuid) => call(`read cluster ${uuid}`, () => read(uuid)),
    nodes: (cluster) =>
      call(`read the nodes of cluster ${cluster.uuid}`, async () => {
        const table = { client, TableName, clusterUuid: cluster.uuid };
        return summarizeNodes(await readNodes(table, aborting), cluster);
      }),
    newestEvents: (uuid, place, limit) =>
      call(`list the events of cluster ${uuid}`, async () => {
        const query = { TableName, ...eventsQuery(uuid, { after: place, isNewestFirst: true }) };
        const events: EventItem[] = [];
        for await (const { Items = [] } of paginateQuery(
          { client, pageSize: Math.min(limit, PAGE) },
          query,
          aborting,
        )) {
          events.push(...Items.map((item) => withoutKeys<EventItem>(item)));
          if (events.length >= limit) break;
        }
        return events.slice(0, limit);
      }),
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
    list: () =>
      call("list the clusters", async () => {
        const uuids = (await Promise.all(LISTED_STATUSES.map(uuidsWith))).flat();
        return listedClusters(await pMap(new Set(uuids), read, READS_AT_ONCE));
      }),
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
