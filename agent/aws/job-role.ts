import { AssumeRoleCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { AgentError, reasonOf } from "../errors.js";
import { requestHandler } from "./request-handler.js";
import { credentials } from "./table.js";

/** A role that is assumed by another one lasts an hour at most, and every role allows an hour. */
const DURATION_SECONDS = 3_600;
/** What STS takes. */
const MAX_NAME_LENGTH = 64;

/** A client of the region's own STS, which signs with the node's role. Makes no call. */
export const openSts = (region: string): STSClient =>
  new STSClient({
    region,
    credentials,
    requestHandler: requestHandler({ connectionTimeout: 2_000, requestTimeout: 5_000 }),
  } satisfies STSClientConfig);

export interface AssumedRole {
  readonly client: Pick<STSClient, "send">;
  readonly roleArn: string;
  /** CloudTrail shows these with what a job does. */
  readonly clusterName: string;
  readonly instanceId: string;
}

/**
 * Makes the call that gives new credentials of the role. It throws AgentError job-role-unavailable after the SDK's own bounded
 * retries.
 */
export const createAssumeRole =
  ({ client, roleArn, clusterName, instanceId }: AssumedRole) =>
  async () => {
    const RoleSessionName = `muster-${clusterName}-${instanceId}`.slice(0, MAX_NAME_LENGTH);
    const input = { RoleArn: roleArn, RoleSessionName, DurationSeconds: DURATION_SECONDS };
    try {
      const { Credentials: given } = await client.send(new AssumeRoleCommand(input));
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new Error("STS gave none");
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    } catch (error) {
      throw new AgentError("job-role-unavailable", `${roleArn} (${reasonOf(error)})`, error);
    }
  };
