import type { DataAwsAmi } from "@cdktf/provider-aws/lib/data-aws-ami/index.js";
import { DataAwsEc2InstanceType } from "@cdktf/provider-aws/lib/data-aws-ec2-instance-type/index.js";
import { Fn, type TerraformResourceLifecycle } from "cdktf";
import { Construct } from "constructs";
import { typesWithEfaNear } from "../config/efa-types.js";
import { runtimeOf, typesOf } from "../config/fleet.js";
import type { ClusterSettings } from "../config/schema.js";

export interface NodeTypesProps {
  readonly settings: Pick<ClusterSettings, "instanceType" | "instanceTypes" | "efa" | "runtime">;
  readonly image: DataAwsAmi;
}

type Preconditions = NonNullable<TerraformResourceLifecycle["precondition"]>;

/** What the plan asks EC2 of the cluster's instance types, before anything is made. */
export class NodeTypes extends Construct {
  /** Each fails the plan with what is wrong and what to do. */
  readonly preconditions: Preconditions;

  constructor(scope: Construct, id: string, { settings, image }: NodeTypesProps) {
    super(scope, id);
    const names = typesOf(settings);
    const types = names.map(
      (instanceType, index) =>
        new DataAwsEc2InstanceType(this, index === 0 ? "type" : `type-${index + 1}`, { instanceType }),
    );
    const ofTypes = types.flatMap((type, index) => {
      const name = names[index] ?? "";
      return [
        fitsImage(name, type, image),
        ...(settings.efa ? [hasEfa(name, type)] : []),
        ...(index === 0 ? [] : [hasSameCores([names[0] ?? "", types[0] ?? type], [name, type])]),
      ];
    });
    this.preconditions = runtimeOf(settings) === "intel" ? [...ofTypes, hasIntel(image)] : ofTypes;
  }
}

function fitsImage(name: string, type: DataAwsEc2InstanceType, image: DataAwsAmi) {
  const architectures = Fn.join(", ", type.supportedArchitectures);
  return {
    condition: Fn.contains(type.supportedArchitectures, image.architecture),
    errorMessage: `Instance type ${name} is ${architectures}, but the image ${image.id} is ${image.architecture}: choose another instance type or image.`,
  };
}

const hasIntel = (image: DataAwsAmi) => ({
  condition: `\${${image.fqn}.architecture == "x86_64"}`,
  errorMessage: `The image ${image.id} is ${image.architecture}, and Intel MPI is for x86_64 alone: set runtime to mpich, or choose another instanceType and image.`,
});

function hasEfa(name: string, type: DataAwsEc2InstanceType) {
  return {
    condition: type.efaSupported,
    errorMessage: `Instance type ${name} has no Elastic Fabric Adapter: set efa to false, or choose a type that has one, such as ${typesWithEfaNear(name).join(", ")}.`,
  };
}

type Named = readonly [name: string, type: DataAwsEc2InstanceType];

/** A hostfile gives each node its ranks by its cores: identical nodes are what a cluster is. */
function hasSameCores([first, one]: Named, [second, other]: Named) {
  return {
    condition: `\${${one.fqn}.default_cores == ${other.fqn}.default_cores}`,
    errorMessage: `Instance type ${first} has ${one.defaultCores} cores, and ${second} has ${other.defaultCores}: instanceTypes must have the same number of cores.`,
  };
}
