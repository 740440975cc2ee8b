import type { EC2Client } from "@aws-sdk/client-ec2";
import { byText } from "../../../agent/contract/text-order.js";
import type { Builder, BuilderLaunch, Images } from "../../client/image-ports.js";
import { DiagnosticError } from "../../core/diagnostic.js";
import { callAws, isAwsError } from "../errors.js";
import type { AwsScope } from "../scope.js";
import type { ImagesSdk } from "../sdk/parts.js";
import { type Bakes, builderFrom, filtersFor, isOf, tagList, tagsOf, typeNamed } from "./amis.js";

const DEBIAN_OWNER = "136693071363";
const DEBIAN_NAME = "debian-13-amd64-*";
/** EC2's states of instances that cost something. */
const LIVE = ["pending", "running", "stopping", "stopped"];

/** Builders, and what they start from. */
export function imageBuilders(
  sdk: ImagesSdk,
  ec2: EC2Client,
  scope: AwsScope,
): Pick<Images, "encryptsByDefault" | "endBuilder" | "readBase" | "readBuilder" | "startBuilder"> {
  const aborting = { abortSignal: scope.signal };
  const call = <T>(doing: string, run: () => Promise<T>): Promise<T> => callAws({ doing, ...scope }, run);
  return {
    readBase: (id) =>
      call(`find the AMI ${id ?? `${DEBIAN_NAME} of owner ${DEBIAN_OWNER}`}`, async () => {
        const pages = sdk.paginateDescribeImages(
          { client: ec2 },
          // By name only with an owner: else the newest could be a stranger's.
          id !== null
            ? { ImageIds: [id] }
            : {
                Owners: [DEBIAN_OWNER],
                Filters: [
                  { Name: "name", Values: [DEBIAN_NAME] },
                  { Name: "state", Values: ["available"] },
                ],
              },
          aborting,
        );
        const found = await allOf(pages, ({ Images: list = [] }) => list).catch((error: unknown) => {
          if (
            isAwsError(error, "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed")
          )
            return [];
          throw error;
        });
        const newest = found.toSorted((a, b) => byText(b.CreationDate ?? "", a.CreationDate ?? ""))[0];
        if (newest === undefined) return null;
        const { DeprecationTime } = newest;
        return {
          id: newest.ImageId ?? "",
          name: newest.Name ?? "",
          architecture: newest.Architecture ?? "x86_64",
          rootDeviceName: newest.RootDeviceName ?? "/dev/xvda",
          isDeprecated: DeprecationTime !== undefined && new Date(DeprecationTime).getTime() < Date.now(),
        };
      }),

    encryptsByDefault: () =>
      call("ask whether EBS encrypts by default", async () => {
        const { EbsEncryptionByDefault } = await ec2.send(
          new sdk.GetEbsEncryptionByDefaultCommand({}),
          aborting,
        );
        return EbsEncryptionByDefault ?? false;
      }),

    startBuilder: (launch) =>
      call(`start the builder of image ${launch.image} in subnet ${launch.subnetId}`, async () => {
        const { Instances = [] } = await ec2.send(new sdk.RunInstancesCommand(runInput(launch)), aborting);
        return Instances[0]?.InstanceId ?? "";
      }).catch((error: unknown) => {
        throw isNewProfile(error)
          ? new DiagnosticError(error.diagnostics, { cause: error, transient: true })
          : error;
      }),

    readBuilder: (instanceId) =>
      call(`look at builder ${instanceId}`, async () => {
        const pages = sdk.paginateDescribeInstances({ client: ec2 }, { InstanceIds: [instanceId] }, aborting);
        try {
          const [builder] = await allOf(pages, ({ Reservations = [] }) =>
            Reservations.flatMap(({ Instances = [] }) => Instances.map(builderFrom)),
          );
          return builder ?? null;
        } catch (error) {
          // EC2 may need a moment until all its parts know a new instance.
          if (isAwsError(error, "InvalidInstanceID.NotFound")) return null;
          throw error;
        }
      }),

    endBuilder: (instanceId) =>
      call(`end builder ${instanceId}`, () => terminate(sdk, ec2, [instanceId], aborting)),
  };
}

/** EC2 knows a new instance profile seconds after IAM does. */
const isNewProfile = (error: unknown): error is DiagnosticError =>
  error instanceof DiagnosticError && /Invalid IAM Instance Profile/i.test(error.message);

const runInput = (launch: BuilderLaunch) => ({
  ClientToken: launch.image,
  MinCount: 1,
  MaxCount: 1,
  ImageId: launch.base.id,
  InstanceType: typeNamed(launch.instanceType),
  SubnetId: launch.subnetId,
  SecurityGroupIds: [...launch.securityGroupIds],
  IamInstanceProfile: { Name: launch.instanceProfile },
  InstanceInitiatedShutdownBehavior: "stop" as const,
  MetadataOptions: { HttpEndpoint: "enabled", HttpTokens: "required", HttpPutResponseHopLimit: 1 } as const,
  UserData: Buffer.from(launch.userData).toString("base64"),
  ...(launch.encryption === null
    ? {}
    : {
        BlockDeviceMappings: [
          { DeviceName: launch.base.rootDeviceName, Ebs: { Encrypted: true, ...keyOf(launch.encryption) } },
        ],
      }),
  TagSpecifications: (["instance", "volume"] as const).map((ResourceType) => ({
    ResourceType,
    Tags: tagList(launch.tags),
  })),
});

/** The SDK's part that names a key; "default" is EC2's own choice. */
export const keyOf = (encryption: string): { KmsKeyId?: string } =>
  encryption === "default" ? {} : { KmsKeyId: encryption };

/** Builders that are not terminated yet. */
export async function liveBuilders(
  sdk: ImagesSdk,
  ec2: EC2Client,
  { org, signal }: Pick<AwsScope, "org" | "signal">,
  of: Bakes,
): Promise<readonly Builder[]> {
  const Filters = [...filtersFor(org, of), { Name: "instance-state-name", Values: LIVE }];
  const pages = sdk.paginateDescribeInstances({ client: ec2 }, { Filters }, { abortSignal: signal });
  return allOf(pages, ({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances)
      .filter(({ Tags }) => isOf(tagsOf(Tags), of))
      .map(builderFrom),
  );
}

/** Succeeds where they are gone. */
export async function terminate(
  sdk: ImagesSdk,
  ec2: EC2Client,
  instanceIds: readonly string[],
  options: { readonly abortSignal: AbortSignal },
): Promise<void> {
  if (instanceIds.length === 0) return;
  await ec2
    .send(new sdk.TerminateInstancesCommand({ InstanceIds: [...instanceIds] }), options)
    .catch((error: unknown) => {
      if (!isAwsError(error, "InvalidInstanceID.NotFound")) throw error;
    });
}

/** All items of all pages. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[],
): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...items(page));
  return all;
}
