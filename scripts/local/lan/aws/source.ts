import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type Instance,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, type IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import type { InstanceMetadata, InstanceProfile, RoleCredentials } from "../metadata.js";
import type { MetadataSource } from "../metadata-server.js";

/** A node asks some twenty questions while it boots; the account is asked once for them. */
const INSTANCE_TTL_MS = 3000;
const CREDENTIALS_SECONDS = 3600;
/** EC2 has new credentials five minutes before the old ones end; SDKs count on it. */
const RENEW_BEFORE_MS = 10 * 60_000;

export interface SourceClients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly sts: STSClient;
}

/** Metadata as the account has it. Concurrent questions about one address, or one role, cost one look-up. */
export function createMetadataSource(clients: SourceClients): MetadataSource {
  const instanceAt = remember(INSTANCE_TTL_MS, (address: string) => findInstance(clients, address));
  const credentials = new Map<string, Promise<RoleCredentials>>();
  return {
    instanceAt,
    async credentialsOf(instance) {
      const { profile, instanceId } = instance;
      if (profile === null) throw new Error(`${instanceId} has no instance profile`);
      const key = `${profile.roleArn} ${instanceId}`;
      const known = await credentials.get(key);
      if (known !== undefined && known.expiresAt.getTime() - Date.now() > RENEW_BEFORE_MS) return known;
      const fresh = assumeRole(clients.sts, profile.roleArn, instanceId);
      credentials.set(key, fresh);
      fresh.catch(() => credentials.delete(key));
      return fresh;
    },
  };
}

/** `look`, whose answers are kept for a while. Failures are not. */
function remember<T>(ttlMs: number, look: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const kept = new Map<string, { readonly untilMs: number; readonly value: Promise<T> }>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined && known.untilMs > Date.now()) return known.value;
    const value = look(key);
    kept.set(key, { untilMs: Date.now() + ttlMs, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}

async function findInstance({ ec2, iam }: SourceClients, address: string): Promise<InstanceMetadata | null> {
  const Filters = [
    { Name: "private-ip-address", Values: [address] },
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  const reservation = Reservations?.[0];
  const instance = reservation?.Instances?.[0];
  if (!instance?.InstanceId) return null;
  const availabilityZone = instance.Placement?.AvailabilityZone ?? "";
  const profile = await findProfile(ec2, iam, instance);
  return {
    instanceId: instance.InstanceId,
    privateIp: address,
    privateDnsName: instance.PrivateDnsName ?? "",
    availabilityZone,
    region: availabilityZone.replace(/[a-z]$/, ""),
    accountId: reservation?.OwnerId ?? "",
    instanceType: instance.InstanceType ?? "",
    imageId: instance.ImageId ?? "",
    launchTime: instance.LaunchTime?.toISOString() ?? "",
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    userData: await readUserData(ec2, instance.InstanceId),
    profile,
  };
}

async function readUserData(ec2: EC2Client, InstanceId: string): Promise<string | null> {
  const { UserData } = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" }),
  );
  return UserData?.Value ? Buffer.from(UserData.Value, "base64").toString("utf8") : null;
}

/** The instance's profile; where the account doesn't show one on the instance, its launch template's. */
async function findProfile(
  ec2: EC2Client,
  iam: IAMClient,
  instance: Instance,
): Promise<InstanceProfile | null> {
  const own = instance.IamInstanceProfile?.Arn?.split("/").pop();
  const name = own ?? (await profileOfTemplate(ec2, instance));
  if (name === undefined) return null;
  const { InstanceProfile: found } = await iam.send(
    new GetInstanceProfileCommand({ InstanceProfileName: name }),
  );
  const role = found?.Roles?.[0];
  if (!found?.Arn || !role?.Arn || !role.RoleName) return null;
  return { arn: found.Arn, id: found.InstanceProfileId ?? "", roleName: role.RoleName, roleArn: role.Arn };
}

async function profileOfTemplate(ec2: EC2Client, instance: Instance): Promise<string | undefined> {
  const tag = (key: string): string | undefined => instance.Tags?.find(({ Key }) => Key === key)?.Value;
  const LaunchTemplateId = tag("aws:ec2launchtemplate:id");
  if (LaunchTemplateId === undefined) return undefined;
  const Versions = [tag("aws:ec2launchtemplate:version") ?? "$Default"];
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions }),
  );
  const profile = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.IamInstanceProfile;
  return profile?.Name ?? profile?.Arn?.split("/").pop();
}

async function assumeRole(
  sts: STSClient,
  RoleArn: string,
  RoleSessionName: string,
): Promise<RoleCredentials> {
  const issuedAt = new Date();
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName, DurationSeconds: CREDENTIALS_SECONDS }),
  );
  if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken) {
    throw new Error(`AssumeRole of ${RoleArn} gave no credentials`);
  }
  return {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
    issuedAt,
    expiresAt: Credentials.Expiration ?? new Date(issuedAt.getTime() + CREDENTIALS_SECONDS * 1000),
  };
}
