/** What the metadata service knows about an instance. */
export interface InstanceMetadata {
  readonly instanceId: string;
  readonly privateIp: string;
  /** Null when the instance has none. */
  readonly publicIp: string | null;
  readonly privateDnsName: string;
  readonly availabilityZone: string;
  readonly region: string;
  readonly accountId: string;
  readonly instanceType: string;
  readonly lifeCycle: "on-demand" | "spot";
  readonly imageId: string;
  /** ISO 8601. */
  readonly launchTime: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Decoded; null when the instance has none. */
  readonly userData: string | null;
  readonly profile: InstanceProfile | null;
}

export interface InstanceProfile {
  readonly arn: string;
  readonly id: string;
  readonly roleName: string;
  readonly roleArn: string;
}

/** Temporary credentials of a role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

const CREDENTIALS_PATH = "meta-data/iam/security-credentials/";

/** The role whose credentials `path` asks for, or null when it asks for something else. */
export function credentialsRole(path: string): string | null {
  const role = path.startsWith(CREDENTIALS_PATH) ? path.slice(CREDENTIALS_PATH.length) : "";
  return role === "" ? null : role;
}

/**
 * The text at `path` (what follows /latest/), as the service documents it: a value, or a folder's listing in which
 * folders end with a slash. Null if there is nothing. Role credentials are not included: they must be fetched.
 */
export function metadataAt(instance: InstanceMetadata, path: string): string | null {
  const leaves = metadataLeaves(instance);
  const wanted = path.replace(/\/+$/, "");
  const exact = leaves[wanted];
  if (exact !== undefined) return exact;
  const prefix = wanted === "" ? "" : `${wanted}/`;
  const below = Object.keys(leaves).filter((leaf) => leaf.startsWith(prefix));
  if (below.length === 0) return null;
  const names = below.map((leaf) => {
    const [name, ...rest] = leaf.slice(prefix.length).split("/");
    return rest.length > 0 ? `${name}/` : `${name}`;
  });
  return [...new Set(names)].sort().join("\n");
}

/** The reply for a role's credentials, in the service's own form. */
export function renderCredentials(credentials: RoleCredentials): string {
  return JSON.stringify(
    {
      Code: "Success",
      LastUpdated: isoSeconds(credentials.issuedAt),
      Type: "AWS-HMAC",
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      Token: credentials.sessionToken,
      Expiration: isoSeconds(credentials.expiresAt),
    },
    null,
    2,
  );
}

function metadataLeaves(instance: InstanceMetadata): Record<string, string> {
  const { profile } = instance;
  const values: Record<string, string> = {
    "meta-data/ami-id": instance.imageId,
    "meta-data/hostname": instance.privateDnsName,
    "meta-data/instance-id": instance.instanceId,
    "meta-data/instance-life-cycle": instance.lifeCycle,
    "meta-data/instance-type": instance.instanceType,
    "meta-data/local-hostname": instance.privateDnsName,
    "meta-data/local-ipv4": instance.privateIp,
    "meta-data/placement/availability-zone": instance.availabilityZone,
    "meta-data/placement/region": instance.region,
    "meta-data/services/domain": "amazonaws.com",
    "meta-data/services/partition": "aws",
    "dynamic/instance-identity/document": identityDocument(instance),
  };
  for (const [key, value] of Object.entries(instance.tags)) values[`meta-data/tags/instance/${key}`] = value;
  if (instance.publicIp !== null) values["meta-data/public-ipv4"] = instance.publicIp;
  if (instance.userData !== null) values["user-data"] = instance.userData;
  if (profile !== null) {
    values["meta-data/iam/info"] = JSON.stringify(
      {
        Code: "Success",
        LastUpdated: instance.launchTime,
        InstanceProfileArn: profile.arn,
        InstanceProfileId: profile.id,
      },
      null,
      2,
    );
    // The leaf is only for the listing; its content comes from the credentials' own path.
    values[`${CREDENTIALS_PATH}${profile.roleName}`] = "";
  }
  return values;
}

function identityDocument(instance: InstanceMetadata): string {
  const document = {
    accountId: instance.accountId,
    architecture: "x86_64",
    availabilityZone: instance.availabilityZone,
    imageId: instance.imageId,
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    pendingTime: instance.launchTime,
    privateIp: instance.privateIp,
    region: instance.region,
    version: "2017-09-30",
  };
  return JSON.stringify(document, null, 2);
}

const isoSeconds = (time: Date): string => time.toISOString().replace(/\.\d{3}Z$/, "Z");
