import type { AutoscalingGroupConfig } from "@cdktf/provider-aws/lib/autoscaling-group/index.js";
import { typesOf } from "../config/fleet.js";
import type { ClusterSettings } from "../config/schema.js";

type Launch = Pick<AutoscalingGroupConfig, "launchTemplate" | "mixedInstancesPolicy">;

/**
 * What the group starts: the template as it is, or, for Spot or several types, the template with a choice. Of several types the first
 * that has capacity is taken; with Spot, the order counts where their capacity is alike. All nodes are Spot, or none. Pure.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
 */
export function launchOf(
  template: { readonly id: string; readonly version: string },
  settings: Pick<ClusterSettings, "instanceType" | "instanceTypes" | "spot" | "spotMaxPriceUsd">,
): Launch {
  const { spot, spotMaxPriceUsd } = settings;
  const types = typesOf(settings);
  if (types.length === 1 && !spot) return { launchTemplate: { id: template.id, version: template.version } };
  return {
    mixedInstancesPolicy: {
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: spot ? 0 : 100,
        onDemandAllocationStrategy: "prioritized",
        ...(spot ? { spotAllocationStrategy: "capacity-optimized-prioritized" } : {}),
        ...(spotMaxPriceUsd === undefined ? {} : { spotMaxPrice: String(spotMaxPriceUsd) }),
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template.id, version: template.version },
        override: types.map((instanceType) => ({ instanceType })),
      },
    },
  };
}
