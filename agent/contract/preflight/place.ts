import { byText } from "../text-order.js";
import type { ClusterAsk, ImageAsk, PreflightAsk } from "./ask.js";
import type { DryRun, ImageFacts, Known, PreflightFacts, SubnetFacts } from "./facts.js";

/** The Name tag of a subnet of the org's own network. */
const subnetName = (org: string, tier: string, zone: number): string => `muster-${org}-${tier}-${zone}`;

/** What has a place: a cluster's nodes, or a builder. */
type Placed = Pick<ClusterAsk, "place">;

/** Which of the subnets a cluster's nodes will be in. Without any: the org's network is not there yet, or they are not known. Pure. */
export function subnetsOf(
  { place }: Placed,
  org: string,
  subnets: readonly SubnetFacts[],
): readonly SubnetFacts[] {
  if ("subnetIds" in place) return subnets.filter(({ id }) => place.subnetIds.includes(id));
  const names = place.zones.map((zone) => subnetName(org, place.tier, zone));
  return subnets.filter(({ name }) => name !== null && names.includes(name));
}

/** The availability zones of a cluster's nodes: those of its subnets; else those that the org's network will have. Pure. */
export function zonesOf(cluster: Placed, ask: PreflightAsk, facts: PreflightFacts): Known<readonly string[]> {
  if ("unknown" in facts.subnets) return facts.subnets;
  const subnets = subnetsOf(cluster, ask.org, facts.subnets.value);
  if (subnets.length > 0) return { value: [...new Set(subnets.map(({ zone }) => zone))] };
  const { place } = cluster;
  if ("subnetIds" in place) {
    const why = `there is no subnet ${place.subnetIds.join(" or ")} that the credentials see`;
    return { unknown: { why, right: null } };
  }
  const ofOrg = ask.network?.zones ?? null;
  const all = ofOrg === null ? facts.zones : { value: ofOrg };
  if ("unknown" in all) return all;
  return { value: place.zones.flatMap((zone) => all.value[zone - 1] ?? []) };
}

/** The image that a cluster's nodes would boot now; null: there is none. Pure. */
export function imageOf(asked: ImageAsk, images: readonly ImageFacts[]): ImageFacts | null {
  if ("id" in asked) return images.find(({ id }) => id === asked.id) ?? null;
  const ofFamily = images.filter(({ family }) => family === asked.family);
  return ofFamily.toSorted((a, b) => byText(b.createdAt, a.createdAt))[0] ?? null;
}

/** What RunInstances is to be tried with: each distinct type, subnet and image once, however many clusters have it. Pure. */
export function dryRunsOf(
  clusters: readonly ClusterAsk[],
  org: string,
  images: readonly ImageFacts[],
  subnets: readonly SubnetFacts[],
): readonly DryRun[] {
  const all = clusters.flatMap((cluster) => {
    const image = imageOf(cluster.image, images);
    if (image === null) return [];
    return cluster.instanceTypes.flatMap((instanceType) =>
      subnetsOf(cluster, org, subnets).map(({ id }) => ({ instanceType, subnetId: id, imageId: image.id })),
    );
  });
  return [...new Map(all.map((run) => [Object.values(run).join("/"), run])).values()];
}
