import type {
  BuilderAsk,
  ClusterAsk,
  ClusterPlaceAsk,
  PreflightAsk,
} from "../../../agent/contract/preflight/ask.js";
import type { PreflightCheck } from "../../../agent/contract/preflight-checks.js";
import { isPublic } from "../../../stacks/config/access.js";
import type { BakedImageSettings } from "../../../stacks/config/baked-image.js";
import { typesOf, zonesOf } from "../../../stacks/config/fleet.js";
import type { MusterConfig } from "../../../stacks/config/load.js";
import type { ClusterSettings, OrgSettings } from "../../../stacks/config/schema.js";

/** What muster.yaml asks of the account: all clusters together, and the builders of its images. Pure. */
export function preflightAskOf(
  { org, clusters, images, preflight }: Pick<MusterConfig, "org" | "clusters" | "images" | "preflight">,
  skip: readonly PreflightCheck[],
): PreflightAsk {
  return {
    ...{ org: org.name, region: org.region },
    network: org.network.vpcId === undefined ? { zones: org.network.zones ?? null } : null,
    clusters: clusters.map(({ cluster }) => clusterAskOf(cluster, org)),
    builders: images.map((image) => builderAskOf(image, org)),
    skip: [...new Set([...preflight.skip, ...skip])],
  };
}

/** A builder is in the first private subnet: see ImageStack. */
const builderAskOf = (
  { family, instanceType, baseAmi }: BakedImageSettings,
  { network }: OrgSettings,
): BuilderAsk => ({
  ...{ family, instanceType, baseAmi: baseAmi ?? null },
  place:
    network.vpcId === undefined
      ? { tier: "private", zones: [1] }
      : { subnetIds: network.subnetIds?.slice(0, 1) ?? [] },
});

function clusterAskOf(cluster: ClusterSettings, org: OrgSettings): ClusterAsk {
  const { name, nodes, spot, efa, image, rootVolumeGiB } = cluster;
  return {
    ...{ name, nodes, spot, efa, rootVolumeGiB },
    instanceTypes: typesOf(cluster),
    image: image.id === undefined ? { family: image.family ?? "" } : { id: image.id },
    place: placeOf(cluster, org),
    placementGroup: zonesOf(cluster).length === 1,
  };
}

function placeOf(cluster: ClusterSettings, { network }: OrgSettings): ClusterPlaceAsk {
  const zones = zonesOf(cluster);
  if (network.vpcId === undefined) {
    return { tier: isPublic(cluster.access) ? "public" : "private", zones };
  }
  return { subnetIds: zones.flatMap((zone) => network.subnetIds?.[zone - 1] ?? []) };
}
