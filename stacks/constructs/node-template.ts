import { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami/index.js";
import { DataAwsEc2InstanceType } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type/index.js";
import { LaunchTemplate, type LaunchTemplateConfig } from "@cdktf/provider-aws/lib/launch-template/index.js";
import { Fn, Op, TerraformLocal, Token } from "cdktf";
import { Construct } from "constructs";
import { TAG } from "../../agent/contract/names.js";
import type { ClusterSettings } from "../config/schema.js";

export interface NodeTemplateProps {
  readonly name: string;
  readonly settings: Pick<ClusterSettings, "instanceType" | "image" | "efa" | "rootVolumeGiB" | "runtime">;
  readonly instanceProfileName: string;
  /** Every node is in all of them. */
  readonly securityGroupIds: readonly string[];
  /** Whether each node gets a public address. */
  readonly hasPublicAddress: boolean;
  /** The script, as text. See renderUserData. */
  readonly userData: string;
  /** For the template and for every instance, volume and network interface made from it. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The nodes' launch template: metadata only by IMDSv2 and not for containers (hop limit 1), an encrypted gp3 disk, the newest
 * image of the family. The plan fails with a clear error if the type does not exist or does not fit the image, the runtime or EFA.
 */
export class NodeTemplate extends Construct {
  readonly id: string;
  /** The newest version, as text. */
  readonly version: string;

  constructor(scope: Construct, id: string, props: NodeTemplateProps) {
    super(scope, id);
    const { settings, tags } = props;
    const image = this.findImage(settings.image);
    // A local, because cdktf can't quote a text with references in it as a function's argument.
    const userData = new TerraformLocal(this, "user-data", props.userData);
    const template = new LaunchTemplate(this, "template", {
      name: props.name,
      updateDefaultVersion: true,
      imageId: image.id,
      instanceType: settings.instanceType,
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
          ebs: {
            encrypted: "true",
            volumeType: "gp3",
            volumeSize: settings.rootVolumeGiB,
            deleteOnTermination: "true",
          },
        },
      ],
      ...networking(settings.efa, props.hasPublicAddress, [...props.securityGroupIds]),
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags: { ...tags },
      })),
      tags: { ...tags },
      lifecycle: { precondition: this.fitness(settings, image) },
    });
    this.id = template.id;
    this.version = Token.asString(template.latestVersion);
  }

  private findImage(image: ClusterSettings["image"]): DataAwsAmi {
    if (image.id !== undefined) {
      return new DataAwsAmi(this, "image", { filter: [{ name: "image-id", values: [image.id] }] });
    }
    return new DataAwsAmi(this, "image", {
      owners: ["self"],
      mostRecent: true,
      filter: [{ name: `tag:${TAG.IMAGE}`, values: [image.family ?? ""] }],
    });
  }

  private fitness({ instanceType, efa, runtime }: NodeTemplateProps["settings"], image: DataAwsAmi) {
    const type = new DataAwsEc2InstanceType(this, "instance-type", { instanceType });
    const architectures = Fn.join(", ", type.supportedArchitectures);
    const fitsImage = {
      condition: Fn.contains(type.supportedArchitectures, image.architecture),
      errorMessage: `Instance type ${instanceType} is ${architectures}, but the image ${image.id} is ${image.architecture}: choose another instanceType or image.`,
    };
    const hasEfa = {
      condition: type.efaSupported,
      errorMessage: `Instance type ${instanceType} has no Elastic Fabric Adapter: choose another instanceType or set efa to false.`,
    };
    const hasIntel = {
      condition: Op.eq(image.architecture, "x86_64"),
      errorMessage: `The image ${image.id} is ${image.architecture}, and Intel MPI is for x86_64 alone: set runtime to mpich, or choose another instanceType and image.`,
    };
    return [fitsImage, ...(efa ? [hasEfa] : []), ...(runtime === "intel" ? [hasIntel] : [])];
  }
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
