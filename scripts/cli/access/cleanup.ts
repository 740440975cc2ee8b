import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { failure } from "../core/exit.js";
import type { Access, Cleanup, Opening } from "../core/ports.js";
import { clientSettings } from "./connection.js";
import type { OrgTable } from "./table.js";

/** What a cleanup needs of an org. Makes no call. */
export function orgCleanup(
  { client, TableName, aborting, call }: OrgTable,
  { clusters, notebooks, account }: Pick<Access, "clusters" | "notebooks" | "account">,
  opening: Opening,
  version: string,
): Cleanup {
  // The clients are loaded on first use: no other command needs them.
  const load = async () => {
    const { openRemover } = await import("../leftovers/remove.js");
    const { region, credentials } = clientSettings(opening, version);
    return openRemover(opening.org, { region, credentials });
  };
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

  return {
    async users() {
      if (!(await call("look for the registry", hasTable))) return { clusters: [], notebooks: [] };
      return {
        clusters: await Array.fromAsync(clusters.list()),
        notebooks: await notebooks.names(),
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
