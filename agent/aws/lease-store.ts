import { GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { clusterPk, LEASE_SK, type LeaseItem } from "../contract/registry.js";
import type { LeaseStore } from "../lease/keeper.js";
import { type ClusterTable, isWritten, setExpression, withoutKeys } from "./table.js";

/** The lease in DynamoDB. Each call is given up after a third of the lease's ttl: a late answer is worth nothing. */
export function createLeaseStore(table: ClusterTable, ttlMs: number): LeaseStore {
  const { client, TableName } = table;
  const Key = { pk: clusterPk(table.clusterUuid), sk: LEASE_SK };
  const bounded = () => ({ abortSignal: AbortSignal.timeout(Math.floor(ttlMs / 3)) });

  /** What only the lease's holder, in this generation, may set. A late renewal leaves `released` as it is. */
  const updateOwn = (lease: LeaseItem, changes: Partial<LeaseItem>) =>
    isWritten(
      client.send(
        new UpdateCommand({
          TableName,
          Key,
          ...setExpression(
            changes,
            "#holder = :holder AND #generation = :generation",
            { holder: lease.holder, generation: lease.generation },
            ["holder", "generation"],
          ),
        }),
        bounded(),
      ),
    );

  return {
    async read() {
      const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }), bounded());
      return Item === undefined ? null : withoutKeys<LeaseItem>(Item);
    },
    take: (lease, replacing) =>
      isWritten(
        client.send(
          new PutCommand({
            TableName,
            Item: { ...Key, ...lease },
            ...(replacing === null
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "generation = :generation AND renewal = :renewal",
                  ExpressionAttributeValues: {
                    ":generation": replacing.generation,
                    ":renewal": replacing.renewal,
                  },
                }),
          }),
          bounded(),
        ),
      ),
    renew: (lease) => updateOwn(lease, { renewal: lease.renewal, expiresAt: lease.expiresAt }),
    release: (lease) => updateOwn(lease, { released: true }),
  };
}
