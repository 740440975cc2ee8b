import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { NOTEBOOK_SK_PREFIX, orgPk, PARTITION_KEY, SORT_KEY } from "../../../agent/contract/keys.js";
import { failure } from "../core/exit.js";
import type { Account, Cleanup, Clusters, Opening } from "../core/ports.js";
import type { OrgTable } from "./table.js";

/** What a cleanup needs of an org. Makes no call. */
export function orgCleanup(
  { client, TableName, aborting, call }: OrgTable,
  clusters: Clusters,
  account: Account,
  { org, region }: Opening,
): Cleanup {
  // The clients are loaded on first use: no other command needs them.
  const load = async () => (await import("../leftovers/remove.js")).openRemover(org, { region });
  let remover: ReturnType<typeof load> | null = null;
  const removerOnce = () => {
    remover ??= load();
    return remover;
  };

  async function hasTable(): Promise<boolean> {
    try {
      await client.send(new DescribeTableCommand({ TableName }), aborting);
      return true;
    } catch (error) {
      if ((error as Error).name === "ResourceNotFoundException") return false;
      throw error;
    }
  }

  async function notebooks(): Promise<readonly string[]> {
    const query = {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :notebooks)",
      ProjectionExpression: "#sk",
      ExpressionAttributeNames: { "#pk": PARTITION_KEY, "#sk": SORT_KEY },
      ExpressionAttributeValues: { ":pk": orgPk(org), ":notebooks": NOTEBOOK_SK_PREFIX },
    };
    const names: string[] = [];
    for await (const { Items = [] } of paginateQuery({ client }, query, aborting))
      names.push(...Items.map((item) => String(item[SORT_KEY]).slice(NOTEBOOK_SK_PREFIX.length)));
    return names;
  }

  return {
    async users() {
      if (!(await call("look for the registry", hasTable))) return { clusters: [], notebooks: [] };
      return {
        clusters: await clusters.list(),
        notebooks: await call("list the notebooks", notebooks),
      };
    },
    async find() {
      await account.identify();
      return (await removerOnce()).find().catch((error: Error) => {
        throw failure(error.message);
      });
    },
    remove: async (thing) => (await removerOnce()).remove(thing),
  };
}
