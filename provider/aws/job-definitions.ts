import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { definitionKey } from "../../agent/contract/job-definition.js";
import { tableName } from "../../agent/contract/names.js";
import type { JobDefinitionItem } from "../../agent/contract/registry.js";
import { definitionWrites } from "../../agent/contract/writes/job-definition.js";
import type { JobDefinitions } from "../client/ports.js";
import { callAws } from "./errors.js";
import { createPerformer } from "./perform.js";
import type { AwsScope } from "./scope.js";
import type { OrgSdk } from "./sdk/parts.js";

/** A cluster's job definitions in the registry. Only this version's contract writes them, so their shape is known. */
export function awsJobDefinitions(
  sdk: OrgSdk,
  dynamo: DynamoDBDocumentClient,
  scope: AwsScope,
): JobDefinitions {
  const TableName = tableName(scope.org);
  const aborting = { abortSignal: scope.signal };
  const call = <T>(verb: string, uuid: string, name: string, run: () => Promise<T>): Promise<T> =>
    callAws(
      { doing: `${verb} job definition ${name} of cluster ${uuid} in table ${TableName}`, ...scope },
      run,
    );
  const performer = createPerformer(sdk, dynamo, TableName, scope.signal);

  return {
    read: (uuid, name) =>
      call("read", uuid, name, async () => {
        const get = new sdk.GetCommand({ TableName, Key: definitionKey(uuid, name), ConsistentRead: true });
        return ((await dynamo.send(get, aborting)).Item as JobDefinitionItem | undefined) ?? null;
      }),

    create: (definition) =>
      call("create", definition.clusterUuid, definition.name, () =>
        performer.write(definitionWrites.create(definition)),
      ),

    replace: (previous, next) =>
      call("update", next.clusterUuid, next.name, () =>
        performer.write(definitionWrites.replace(previous, next)),
      ),

    delete: (definition) =>
      call("delete", definition.clusterUuid, definition.name, async () => {
        await performer.write(definitionWrites.delete(definition));
      }),
  };
}
