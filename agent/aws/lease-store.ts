import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { LEASE_SK, type LeaseItem, partitionKeyed } from "../contract/registry.js";
import { leaseWrites } from "../contract/writes/lease.js";
import type { LeaseStore } from "../lease/keeper.js";
import { type ClusterTable, perform, withoutKeys } from "./table.js";

/** The lease in DynamoDB. Each call times out after a third of the lease's ttl: a late answer is useless. */
export function createLeaseStore(table: ClusterTable, ttlMs: number): LeaseStore {
  const { client, TableName, clusterUuid } = table;
  const Key = partitionKeyed(clusterUuid, LEASE_SK);
  const bounded = () => ({ abortSignal: AbortSignal.timeout(Math.floor(ttlMs / 3)) });
  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), bounded());
      return Item === undefined ? null : withoutKeys<LeaseItem>(Item);
    },
    take: (lease, replacing) => perform(table, leaseWrites.take(clusterUuid, lease, replacing), bounded()),
    renew: (lease) => perform(table, leaseWrites.renew(clusterUuid, lease), bounded()),
    release: (lease) => perform(table, leaseWrites.release(clusterUuid, lease), bounded()),
  };
}
