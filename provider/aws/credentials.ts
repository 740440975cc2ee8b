import type { STSClient, STSClientConfig } from "@aws-sdk/client-sts";
import type { AssumeRole, Connection } from "../client/connection.js";
import type { Log } from "../core/runtime.js";
import { naming } from "./endpoint.js";
import { callAws } from "./errors.js";
import type { AwsScope } from "./scope.js";
import type { CredentialsSdk } from "./sdk/parts.js";

/** Gives credentials on each call: caches them, and renews them before they expire. */
type Credentials = STSClient["config"]["credentials"];
type Search = AwsScope & { readonly log: Log };

/** The credentials to use: those that were found or, if a role is set, the role's. Throws DiagnosticError. */
export async function findCredentials(
  settings: STSClientConfig,
  { profileInWords, assumeRole }: Pick<Connection, "profileInWords" | "assumeRole">,
  search: Search,
): Promise<Credentials> {
  const sdk = await import("./sdk/credentials.js");
  const sts = naming(new sdk.STSClient(settings));
  const ofProfile = profileInWords === null ? "" : ` of profile ${profileInWords}`;
  await callAws({ ...search, doing: `find AWS credentials${ofProfile}` }, () => sts.config.credentials());
  if (assumeRole === null) return sts.config.credentials;
  const credentials = () => assumed(sdk, sts, assumeRole, search);
  const inRole = naming(new sdk.STSClient({ ...settings, credentials }));
  await inRole.config.credentials();
  return inRole.config.credentials;
}

/** One session of the role. The SDK requests another before it expires. */
function assumed(sdk: CredentialsSdk, sts: STSClient, role: AssumeRole, search: Search) {
  return callAws({ ...search, doing: `assume the role ${role.roleArn}` }, async () => {
    const assume = new sdk.AssumeRoleCommand({
      RoleArn: role.roleArn,
      RoleSessionName: role.sessionName,
      ...(role.externalId === null ? {} : { ExternalId: role.externalId }),
      ...(role.durationSeconds === null ? {} : { DurationSeconds: role.durationSeconds }),
    });
    const { Credentials: session, AssumedRoleUser } = await sts.send(assume, { abortSignal: search.signal });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error("STS answered without credentials");
    }
    search.log.info("assumed the role", { identity: AssumedRoleUser?.Arn, region: search.region });
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  });
}
