import { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami/index.js";
import { LaunchTemplate, type LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template/index.js";
import { Fn, TerraformLocal, type TerraformResourceLifecycle, Token } from "cdktf";
import { Construct } from "constructs";
import { TAG } from "../../agent/contract/names.js";
import { typesOf } from "../config/fleet.js";
import type { ClusterSettings } from "../config/schema.js";
import { NodeTypes } from "./node-types.js";

/** What of a cluster's settings makes its nodes. */
type NodeSettings = Pick<
  ClusterSettings,
  | "instanceType"
  | "instanceTypes"
  | "image"
  | "efa"
  | "runtime"
  | "rootVolumeGiB"
  | "rootVolume"
  | "capacityReservationId"
>;

export interface NodeTemplateProps {
  readonly name: string;
  readonly settings: NodeSettings;
  readonly instanceProfileName: string;
  /** Every node is in all of them. */
  readonly securityGroupIds: readonly string[];
  /** Whether each node gets a public address. */
  readonly hasPublicAddress: boolean;
  /** The script, as text. See renderUserData. */
  readonly userData: string;
  /** What else must hold before the plan goes on, of the image's id. @default nothing */
  readonly preflight?: (imageId: string) => NonNullable<TerraformResourceLifecycle["precondition"]>;
  /** For every instance, volume and network interface made from it. */
  readonly tags: Readonly<Record<string, string>>;
  /**
   * The template's own.
   * @default tags
   */
  readonly ownTags?: Readonly<Record<string, string>>;
}

/**
 * The nodes' launch template: metadata only by IMDSv2 and not for containers (hop limit 1), an encrypted disk, the newest image of
 * the family. The plan fails with a clear error if a type does not exist or does not fit the image, the runtime, EFA or the other types.
 */
export class NodeTemplate extends Construct {
  readonly id: string;
  /** The newest version, as text. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: NodeTemplateProps) {
    super(scope, id);
    const { settings, tags, preflight = () => [] } = props;
    const image = this.findImage(settings.image);
    // A local, because cdktf can't quote a text with references in it as a function's argument.
    const userData = new TerraformLocal(this, "user-data", props.userData);
    const template = new LaunchTemplate(this, "template", {
      name: props.name,
      updateDefaultVersion: true,
      imageId: image.id,
      instanceType: typesOf(settings)[0] ?? settings.instanceType,
      userData: Fn.base64encode(userData.asString),
      iamInstanceProfile: { name: props.instanceProfileName },
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      blockDeviceMappings: [
        {
          deviceName: image.rootDeviceName,
          // Encrypted with the account's own EBS key: another key would need a grant for the Auto Scaling service.
          ebs: disk(settings),
        },
      ],
      ...reservation(settings),
      ...networking(settings.efa, props.hasPublicAddress, [...props.securityGroupIds]),
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: { ...tags },
      })),
      tags: { ...(props.ownTags ?? tags) },
      lifecycle: {
        precondition: [
          ...new NodeTypes(this, "types", { settings, image }).preconditions,
          ...preflight(image.id),
        ],
      },
    });
    this.id = template.id;
    this.version = Token.asString(template.latestVersion);
  }

  private findImage(image: ClusterSettings["image"]): DataAwsAmi {
    if (image.id !== undefined) {
      // One that its owner has deprecated is found by its id, too.
      return new DataAwsAmi(this, "image", {
        includeDeprecated: true,
        filter: [{ name: "image-id", values: [image.id] }],
      });
    }
    return new DataAwsAmi(this, "image", {
      owners: ["self"],
      mostRecent: true,
      filter: [{ name: `tag:${TAG.IMAGE}`, values: [image.family ?? ""] }],
    });
  }
}

function disk({ rootVolumeGiB, rootVolume }: NodeSettings) {
  const { type = "gp3", iops, throughputMiBps } = rootVolume ?? {};
  return {
    encrypted: "true",
    volumeType: type,
    volumeSize: rootVolumeGiB,
    deleteOnTermination: "true",
    ...(iops === undefined ? {} : { iops }),
    ...(throughputMiBps === undefined ? {} : { throughput: throughputMiBps }),
  };
}

/** Its instances and no others: where it is used up, a node does not start. */
function reservation({
  capacityReservationId,
}: NodeSettings): Pick<LaunchTemplateConfig, "capacityReservationSpecification"> {
  if (capacityReservationId === undefined) return {};
  return { capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId } } };
}

type Networking = Pick<LaunchTemplateConfig, "vpcSecurityGroupIds" | "networkInterfaces">;

function networking(efa: boolean, isPublic: boolean, securityGroups: string[]): Networking {
  if (!efa && !isPublic) return { vpcSecurityGroupIds: securityGroups };
  return {
    networkInterfaces: [
      {
        deviceIndex: 0,
        networkCardIndex: 0,
        ...(efa ? { interfaceType: "efa" } : {}),
        ...(isPublic ? { associatePublicIpAddress: "true" } : {}),
        securityGroups,
        deleteOnTermination: "true",
      },
    ],
  };
}
