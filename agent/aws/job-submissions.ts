import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { jobRecord, queuedCancel } from "../contract/job.js";
import { clusterPk, type JobItem, jobSk, QUEUE_INDEX } from "../contract/registry.js";
import { type ClusterTable, isWritten, setExpression } from "./table.js";

/** What submitters may write of jobs; any node does it, the head finds them in the queue. */
export interface JobSubmissions {
  /** Writes a new job; false where one of that id is already there. */
  submit(job: JobItem): Promise<boolean>;
  /** Ends a job that nobody has claimed; false where it is not NEW any more. */
  cancelQueued(jobId: string, reason: string, now: Date): Promise<boolean>;
  /** Asks the head to end a running job; false where it does not run. May run twice. */
  requestCancel(jobId: string): Promise<boolean>;
}

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
