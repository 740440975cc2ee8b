import type { STSClient, STSClientConfig } from "@aws-sdk/client-sts";
import type { AssumeRole, Connection } from "../connection.js";
import type { Log } from "../core/runtime.js";
import { callAws } from "./errors.js";
import type { Place, Sdk } from "./place.js";

/** Gives credentials, again and again: it keeps them, and renews them before they expire. */
type Credentials = STSClient["config"]["credentials"];

/**
 * The credentials to work with, once AWS has recognized them: what is wrong with them is told here, once, and not by each
 * resource. Throws DiagnosticError.
 */
export async function provenCredentials(
  sdk: Sdk,
  settings: STSClientConfig,
  { profile, assumeRole }: Pick<Connection, "profile" | "assumeRole">,
  { log, ...place }: Place & { readonly log: Log },
): Promise<Credentials> {
  const found = new sdk.STSClient(settings);
  const ofProfile = profile === null ? "" : ` of profile "${profile}"`;
  await callAws({ doing: `find AWS credentials${ofProfile}`, ...place }, () => found.config.credentials());
  const used =
    assumeRole === null
      ? found
      : new sdk.STSClient({ ...settings, credentials: () => assumed(sdk, found, assumeRole, place) });
  const { Arn } = await callAws({ doing: "use the AWS credentials", ...place }, () =>
    used.send(new sdk.GetCallerIdentityCommand({}), { abortSignal: place.signal }),
  );
  log.info("working on AWS", { identity: Arn, region: place.region });
  return used.config.credentials;
}

/** One session of the role. The SDK asks for another when it is about to expire. */
function assumed(sdk: Sdk, sts: STSClient, role: AssumeRole, place: Place) {
  return callAws({ doing: `assume the role ${role.roleArn}`, ...place }, async () => {
    const assume = new sdk.AssumeRoleCommand({
      RoleArn: role.roleArn,
      RoleSessionName: role.sessionName,
      ...(role.externalId === null ? {} : { ExternalId: role.externalId }),
      ...(role.durationSeconds === null ? {} : { DurationSeconds: role.durationSeconds }),
    });
    const { Credentials: session } = await sts.send(assume, { abortSignal: place.signal });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error("STS answered without credentials");
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  });
}
