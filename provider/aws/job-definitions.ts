import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { definitionKey } from "../../agent/contract/job-definition.js";
import { PARTITION_KEY } from "../../agent/contract/keys.js";
import { tableName } from "../../agent/contract/names.js";
import type { JobDefinitionItem } from "../../agent/contract/registry.js";
import type { JobDefinitions } from "../client/ports.js";
import { callAws, unlessRefused } from "./errors.js";
import type { Place } from "./place.js";
import type { OrgSdk } from "./sdk/parts.js";

/** A cluster's job definitions in the registry. It is written by this version's contract only: the shape is known. */
export function awsJobDefinitions(sdk: OrgSdk, dynamo: DynamoDBDocumentClient, place: Place): JobDefinitions {
  const TableName = tableName(place.org);
  const aborting = { abortSignal: place.signal };
  const call = <T>(verb: string, uuid: string, name: string, run: () => Promise<T>): Promise<T> =>
    callAws(
      { doing: `${verb} job definition ${name} of cluster ${uuid} in table ${TableName}`, ...place },
      run,
    );
  const recordOf = (definition: JobDefinitionItem) => ({
    ...definition,
    ...definitionKey(definition.clusterUuid, definition.name),
  });

  return {
    read: (uuid, name) =>
      call("read", uuid, name, async () => {
        const get = new sdk.GetCommand({ TableName, Key: definitionKey(uuid, name), ConsistentRead: true });
        return ((await dynamo.send(get, aborting)).Item as JobDefinitionItem | undefined) ?? null;
      }),

    create: (definition) =>
      call("create", definition.clusterUuid, definition.name, async () => {
        const put = new sdk.PutCommand({
          TableName,
          Item: recordOf(definition),
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": PARTITION_KEY },
        });
        return (await dynamo.send(put, aborting).catch(unlessRefused)) !== undefined;
      }),

    replace: (previous, next) =>
      call("update", next.clusterUuid, next.name, async () => {
        const put = new sdk.PutCommand({
          TableName,
          Item: recordOf(next),
          ConditionExpression: "#id = :id AND #revision = :revision AND #updatedAt = :updatedAt",
          ExpressionAttributeNames: { "#id": "id", "#revision": "revision", "#updatedAt": "updatedAt" },
          ExpressionAttributeValues: {
            ":id": previous.id,
            ":revision": previous.revision,
            ":updatedAt": previous.updatedAt,
          },
        });
        return (await dynamo.send(put, aborting).catch(unlessRefused)) !== undefined;
      }),

    delete: ({ clusterUuid, name, id, owner }) =>
      call("delete", clusterUuid, name, async () => {
        const isOwners = owner === undefined ? "attribute_not_exists(#owner)" : "#owner = :owner";
        const remove = new sdk.DeleteCommand({
          TableName,
          Key: definitionKey(clusterUuid, name),
          ConditionExpression: `#id = :id AND ${isOwners}`,
          ExpressionAttributeNames: { "#id": "id", "#owner": "owner" },
          ExpressionAttributeValues: { ":id": id, ...(owner === undefined ? {} : { ":owner": owner }) },
        });
        await dynamo.send(remove, aborting).catch(unlessRefused);
      }),
  };
}
