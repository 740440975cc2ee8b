import {
  DescribeInstanceAttributeCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
  type Instance,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, type IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import type { InstanceMetadata, InstanceProfile, RoleCredentials } from "../metadata.js";
import type { MetadataSource } from "../metadata-server.js";

/**
 * A booting node makes about twenty requests, many nodes boot at once, and the account answers one request at a time. So what is
 * the same for all nodes is requested once, and what never changes is kept. A node asks for its own instance alone: where there are 64, a
 * list of all takes the emulator ten times as long, and each second another node would need one.
 */
const ACCOUNT_TTL_MS = 3000;
const INSTANCE_TTL_MS = 10_000;
/** Another instance may have got a freed address. It has to begin a session first, and then what is older than this does not count. */
const SESSION_FRESH_MS = 1000;
const USER_DATA_TTL_MS = 3_600_000;
const CREDENTIALS_SECONDS = 3600;
/** EC2 has new credentials five minutes before the old ones expire; SDKs rely on it. */
const RENEW_BEFORE_MS = 10 * 60_000;

export interface SourceClients {
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly sts: STSClient;
}

/** Metadata from the account. Concurrent requests cost one look-up each of an instance, its profile and role. */
export function createMetadataSource(clients: SourceClients): Omit<MetadataSource, "noticeAt"> {
  const account = rememberAccount(clients);
  const credentials = new Map<string, Promise<RoleCredentials>>();
  return {
    beginSession: (address) => account.doubt(address),
    instanceAt: (address, path) => findInstance(account, address, path),
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

/** Answers that are kept for a while. */
interface Memory<T> {
  ask(key: string): Promise<T>;
  /** Drops the answer if it came so long ago, or earlier. One that is on its way stays. */
  forget(key: string, olderThanMs: number): void;
}

/** Caches answers of `look` from their arrival: on a busy machine they take seconds. Failures are not cached. */
function remember<T>(ttlMs: number, look: (key: string) => Promise<T>): Memory<T> {
  /** `atMs`: when it came; null while it is on its way. */
  const kept = new Map<string, { readonly atMs: number | null; readonly value: Promise<T> }>();
  const isOlder = (key: string, ms: number) => Date.now() - (kept.get(key)?.atMs ?? Date.now()) >= ms;
  return {
    ask(key) {
      const known = kept.get(key);
      if (known !== undefined && !isOlder(key, ttlMs)) return known.value;
      const value = look(key);
      kept.set(key, { atMs: null, value });
      value.then(
        () => kept.set(key, { atMs: Date.now(), value }),
        () => kept.delete(key),
      );
      return value;
    },
    forget(key, olderThanMs) {
      if (isOlder(key, olderThanMs)) kept.delete(key);
    },
  };
}

/** An instance and the account that it is in. */
interface OwnedInstance {
  readonly instance: Instance;
  readonly ownerId: string;
}

/** The look-ups in the account, each with its cache. */
interface RememberedAccount {
  /** The instance that runs, or is about to, at this private address. */
  instanceAt(address: string): Promise<OwnedInstance | undefined>;
  /** Another one may have the address by now. */
  doubt(address: string): void;
  userData(instanceId: string): Promise<string | null>;
  profileNameOf(template: LaunchTemplateVersion): Promise<string | null>;
  profile(name: string): Promise<InstanceProfile | null>;
}

interface LaunchTemplateVersion {
  readonly id: string;
  readonly version: string;
}

function rememberAccount({ ec2, iam }: SourceClients): RememberedAccount {
  const instances = remember(INSTANCE_TTL_MS, (address) => readInstance(ec2, address));
  const profileNames = remember(ACCOUNT_TTL_MS, (key) => readProfileName(ec2, key));
  return {
    async instanceAt(address) {
      const found = await instances.ask(address);
      // None is no answer to keep: the instance may be a moment old.
      if (found === undefined) instances.forget(address, 0);
      return found;
    },
    doubt: (address) => instances.forget(address, SESSION_FRESH_MS),
    userData: remember(USER_DATA_TTL_MS, (id) => readUserData(ec2, id)).ask,
    profileNameOf: ({ id, version }) => profileNames.ask(`${id} ${version}`),
    profile: remember(ACCOUNT_TTL_MS, (name) => readProfile(iam, name)).ask,
  };
}

/** Of the profile and the user data, which cost look-ups of their own, only what has a part in the answer to `path`. */
async function findInstance(
  account: RememberedAccount,
  address: string,
  path: string | undefined,
): Promise<InstanceMetadata | null> {
  const { instance, ownerId } = (await account.instanceAt(address)) ?? {};
  if (!instance?.InstanceId) return null;
  const availabilityZone = instance.Placement?.AvailabilityZone ?? "";
  const [profile, userData] = await Promise.all([
    mayConcern(path, "meta-data/iam") ? findProfile(account, instance) : null,
    mayConcern(path, "user-data") ? account.userData(instance.InstanceId) : null,
  ]);
  return {
    instanceId: instance.InstanceId,
    privateIp: address,
    publicIp: instance.PublicIpAddress || null,
    privateDnsName: instance.PrivateDnsName ?? "",
    availabilityZone,
    region: availabilityZone.replace(/[a-z]$/, ""),
    accountId: ownerId ?? "",
    instanceType: instance.InstanceType ?? "",
    lifeCycle: instance.InstanceLifecycle === "spot" ? "spot" : "on-demand",
    imageId: instance.ImageId ?? "",
    launchTime: instance.LaunchTime?.toISOString() ?? "",
    tags: Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
    userData,
    profile,
  };
}

/** The path is below `folder`, or lists what contains it. Without a path: all do. */
const mayConcern = (path: string | undefined, folder: string): boolean =>
  path === undefined || path.startsWith(folder) || folder.startsWith(path);

async function readInstance(client: EC2Client, address: string): Promise<OwnedInstance | undefined> {
  const Filters = [
    { Name: "private-ip-address", Values: [address] },
    { Name: "instance-state-name", Values: ["pending", "running"] },
  ];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
    for (const { Instances = [], OwnerId: ownerId = "" } of Reservations)
      for (const instance of Instances) return { instance, ownerId };
  return undefined;
}

async function readUserData(ec2: EC2Client, InstanceId: string): Promise<string | null> {
  const { UserData } = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" }),
  );
  return UserData?.Value ? Buffer.from(UserData.Value, "base64").toString("utf8") : null;
}

/** The instance's profile; where the account doesn't show one on the instance, its launch template's. */
async function findProfile(account: RememberedAccount, instance: Instance): Promise<InstanceProfile | null> {
  const tag = (key: string): string | undefined => instance.Tags?.find(({ Key }) => Key === key)?.Value;
  const id = tag("aws:ec2launchtemplate:id");
  const version = tag("aws:ec2launchtemplate:version") ?? "$Default";
  const own = instance.IamInstanceProfile?.Arn?.split("/").pop() ?? null;
  const name = own ?? (id === undefined ? null : await account.profileNameOf({ id, version }));
  return name === null ? null : account.profile(name);
}

async function readProfile(iam: IAMClient, name: string): Promise<InstanceProfile | null> {
  const { InstanceProfile: found } = await iam.send(
    new GetInstanceProfileCommand({ InstanceProfileName: name }),
  );
  const role = found?.Roles?.[0];
  if (!found?.Arn || !role?.Arn || !role.RoleName) return null;
  return { arn: found.Arn, id: found.InstanceProfileId ?? "", roleName: role.RoleName, roleArn: role.Arn };
}

/** Of the launch template's version "ID VERSION". */
async function readProfileName(ec2: EC2Client, key: string): Promise<string | null> {
  const [LaunchTemplateId, version = ""] = key.split(" ");
  const { LaunchTemplateVersions } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version] }),
  );
  const profile = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.IamInstanceProfile;
  return profile?.Name ?? profile?.Arn?.split("/").pop() ?? null;
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
