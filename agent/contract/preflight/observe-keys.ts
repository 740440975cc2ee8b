import { CallFailure, known } from "./answers.js";
import type { MakeCall } from "./calls.js";
import type { ImageFacts, KeyFacts, Known } from "./facts.js";

const SERVICE_ROLE = /:role\/aws-service-role\/autoscaling\.amazonaws\.com\/AWSServiceRoleForAutoScaling/;
const AWS_OWN = "alias/aws/ebs";

/**
 * What encrypts the disks of nodes that boot these images, by the image's id. A node's disk is encrypted in any case: with the key of
 * the image's snapshot, else with the account's own key for EBS. Each key is asked about once.
 */
export async function observeKeys(
  call: MakeCall,
  images: readonly ImageFacts[],
): Promise<ReadonlyMap<string, Known<KeyFacts>>> {
  const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
    let asked: Promise<T> | undefined;
    return () => {
      asked ??= ask();
      return asked;
    };
  };
  const ofAccount = once(async () => (await call("ec2:GetEbsDefaultKmsKeyId", {})).KmsKeyId ?? AWS_OWN);
  const ofSnapshots = once(() => snapshotKeys(call, images));
  const seen = new Map<string, Promise<KeyFacts>>();
  const keyOf = async (image: ImageFacts): Promise<KeyFacts> => {
    const id = image.isEncrypted ? snapshotKey(image, await ofSnapshots()) : await ofAccount();
    const asked = seen.get(id) ?? observeKey(call, id);
    seen.set(id, asked);
    return asked;
  };
  const answers = images.map(async (image) => [image.id, await known(() => keyOf(image))] as const);
  return new Map(await Promise.all(answers));
}

async function snapshotKeys(
  call: MakeCall,
  images: readonly ImageFacts[],
): Promise<ReadonlyMap<string, string>> {
  const ids = images.filter(({ isEncrypted }) => isEncrypted).flatMap(({ snapshotId }) => snapshotId ?? []);
  const input = { Filters: [{ Name: "snapshot-id", Values: [...new Set(ids)] }] };
  const { Snapshots = [] } = await call("ec2:DescribeSnapshots", input);
  return new Map(Snapshots.flatMap((one) => (one.KmsKeyId ? [[one.SnapshotId ?? "", one.KmsKeyId]] : [])));
}

function snapshotKey({ id, snapshotId }: ImageFacts, keys: ReadonlyMap<string, string>): string {
  const key = keys.get(snapshotId ?? "");
  if (key !== undefined) return key;
  throw new CallFailure(
    "ec2:DescribeSnapshots",
    new Error(`no key of ${id}'s snapshot, as that of another account`),
  );
}

async function observeKey(call: MakeCall, id: string): Promise<KeyFacts> {
  const own = { arn: id, isAwsManaged: true, isEnabled: true, allowsAutoScaling: { value: true } };
  if (id === AWS_OWN) return own;
  const { KeyMetadata } = await call("kms:DescribeKey", { KeyId: id });
  const { Arn = id, KeyManager, Enabled = true } = KeyMetadata ?? {};
  if (KeyManager === "AWS") return { ...own, arn: Arn, isEnabled: Enabled };
  const [byPolicy, byGrant] = await Promise.all([
    known(async () => policyAllows((await call("kms:GetKeyPolicy", { KeyId: Arn })).Policy ?? "")),
    known(async () => {
      const { Grants = [] } = await call("kms:ListGrants", { KeyId: Arn });
      return Grants.some(({ GranteePrincipal = "" }) => SERVICE_ROLE.test(GranteePrincipal));
    }),
  ]);
  return { arn: Arn, isAwsManaged: false, isEnabled: Enabled, allowsAutoScaling: either(byPolicy, byGrant) };
}

/** One yes is enough; a no needs both. */
function either(one: Known<boolean>, other: Known<boolean>): Known<boolean> {
  const isYes = (known: Known<boolean>) => "value" in known && known.value;
  if (isYes(one) || isYes(other)) return { value: true };
  return "unknown" in one ? one : other;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: { readonly AWS?: string | readonly string[] } | string;
}

/** Whether a key's policy allows the service-linked role by name: an allowance for the account is none for it. */
function policyAllows(text: string): boolean {
  let policy: { readonly Statement?: readonly Statement[] };
  try {
    policy = JSON.parse(text) as typeof policy;
  } catch {
    return false;
  }
  return (policy.Statement ?? []).some(({ Effect, Principal }) => {
    const named = typeof Principal === "object" ? Principal.AWS : Principal;
    return Effect === "Allow" && [named].flat().some((arn) => arn !== undefined && SERVICE_ROLE.test(arn));
  });
}
