import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { credentials } from "../../../agent/aws/table.js";
import type { AssumedRole } from "../core/account.js";
import type { Opening } from "../core/ports.js";
import { runAwsCall } from "./aws-call.js";

/** Gives credentials on each call, caches them, and renews them before they expire. */
type Credentials = STSClient["config"]["credentials"];
type Place = Pick<Opening, "region" | "signal"> & { readonly role: AssumedRole };

const SESSION_SECONDS = 3600;
const sessions = new WeakMap<AssumedRole, Credentials>();

/**
 * The credentials of a role that the environment's own assume. All clients of one opening share its sessions. A failure is worded as that of
 * assuming the role, in whichever call it comes. Makes no call.
 */
export function roleCredentials(place: Place, version: string): Credentials {
  const known = sessions.get(place.role);
  if (known !== undefined) return known;
  const assume = () => assumed(place, version);
  // The client's own cache renews what is about to expire.
  const made = new STSClient({ region: place.region, credentials: assume }).config.credentials;
  sessions.set(place.role, made);
  return made;
}

async function assumed({ region, signal, role }: Place, version: string) {
  const { roleArn, externalId, stsRegion } = role;
  const sts = new STSClient({
    region: stsRegion ?? region,
    credentials,
    customUserAgent: [["muster-cli", version]],
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
  const context = {
    region: stsRegion ?? region,
    env: process.env,
    signal,
    service: "STS",
    endpoint: () => null,
  };
  const doing = `assume the role ${roleArn} (account.roleArn of muster.yaml)`;
  return runAwsCall(context, doing, async () => {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: "muster-cli",
      DurationSeconds: SESSION_SECONDS,
      ...(externalId === null ? {} : { ExternalId: externalId }),
    });
    const { Credentials: session } = await sts.send(command, { abortSignal: signal });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = session ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined)
      throw new Error("STS answered without credentials");
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
      ...(Expiration === undefined ? {} : { expiration: Expiration }),
    };
  });
}
