import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { jobRecord, queuedCancel } from "../contract/job.js";
import { clusterPk, jobSk, QUEUE_INDEX } from "../contract/registry.js";
import type { JobSubmissions } from "../http/job-routes.js";
import { type ClusterTable, isWritten, setExpression } from "./table.js";

/** The port in DynamoDB. */
export function createJobSubmissions(table: ClusterTable): JobSubmissions {
  const { client, TableName } = table;
  const keyOf = (jobId: string) => ({ pk: clusterPk(table.clusterUuid), sk: jobSk(jobId) });
  return {
    submit: (job) =>
      isWritten(
        client.send(
          new PutCommand({
            TableName,
            Item: jobRecord(job),
            ConditionExpression: "attribute_not_exists(pk)",
          }),
        ),
      ),
    cancelQueued(jobId, reason, now) {
      const queue = QUEUE_INDEX.hashKey;
      const update = setExpression(queuedCancel(reason, now), "#status = :before", { before: "NEW" }, [
        queue,
      ]);
      const UpdateExpression = `${update.UpdateExpression} REMOVE #${queue}`;
      return isWritten(
        client.send(new UpdateCommand({ TableName, Key: keyOf(jobId), ...update, UpdateExpression })),
      );
    },
    requestCancel(jobId) {
      const running = { running: "INPROGRESS" };
      const update = setExpression({ cancelRequested: true }, "#status = :running", running, ["status"]);
      return isWritten(client.send(new UpdateCommand({ TableName, Key: keyOf(jobId), ...update })));
    },
  };
}
