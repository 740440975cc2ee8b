import { isPublic } from "../../../stacks/config/access.js";
import type { MusterConfig } from "../../../stacks/config/load.js";
import type { ClusterSettings } from "../../../stacks/config/schema.js";
import type { Prices } from "./prices.js";

/** How much of what is declared is used. */
export interface UseOfMonth {
  /** Hours of a month in which the nodes run; 730 is all of it. */
  readonly hours: number;
  /** GB on the org's file system. */
  readonly efsGb: number;
}

/** Something that costs money. */
interface CostItem {
  /** The cluster it is of; null: the org. */
  readonly cluster: string | null;
  readonly what: string;
  readonly count: number;
  /** While it runs; null: its price is not known. */
  readonly usdPerHour: number | null;
  /** In a month of the use that is asked for. */
  readonly usdPerMonth: number | null;
}

export interface CostEstimate {
  readonly items: readonly CostItem[];
  /** Null: a price is not known. */
  readonly usdPerHour: number | null;
  readonly usdPerMonth: number | null;
  /** What is not in it, and what may differ. */
  readonly notes: readonly string[];
}

/** Hours of an average month, as AWS counts. */
export const MONTH_HOURS = 730;

/** The instance types whose prices are needed. Pure. */
export const typesIn = (config: Pick<MusterConfig, "clusters">): readonly string[] => [
  ...new Set(config.clusters.map(({ cluster }) => cluster.instanceType)),
];

/** What the declaration costs at list prices, with all nodes running. Pure. */
export function estimateCost(
  { org, clusters }: Pick<MusterConfig, "org" | "clusters">,
  prices: Prices,
  use: UseOfMonth,
): CostEstimate {
  const items = [
    ...clusters.flatMap(({ cluster }) => clusterItems(cluster, prices, use)),
    ...orgItems(org.network.vpcId !== undefined, prices, use),
  ];
  return {
    items,
    usdPerHour: sum(items.map(({ usdPerHour }) => usdPerHour)),
    usdPerMonth: sum(items.map(({ usdPerMonth }) => usdPerMonth)),
    notes: notesOn(clusters.map(({ cluster }) => cluster)),
  };
}

function clusterItems(cluster: ClusterSettings, prices: Prices, { hours }: UseOfMonth): CostItem[] {
  const { name, nodes, instanceType, rootVolumeGiB } = cluster;
  const running = (what: string, usdPerHour: number | undefined): CostItem => ({
    ...{ cluster: name, what, count: nodes },
    usdPerHour: times(usdPerHour, nodes),
    usdPerMonth: times(usdPerHour, nodes * hours),
  });
  const volumeHour = times(prices.volumeGbMonth, rootVolumeGiB / MONTH_HOURS) ?? undefined;
  return [
    running(`${instanceType} nodes`, prices.nodeHour[instanceType]),
    running(`root volumes of ${rootVolumeGiB} GiB`, volumeHour),
    ...(isPublic(cluster.access) ? [running("public addresses", prices.publicAddressHour)] : []),
  ];
}

function orgItems(hasOwnNetwork: boolean, prices: Prices, { efsGb }: UseOfMonth): CostItem[] {
  const always = (what: string, usdPerHour: number | null, count = 1): CostItem => ({
    ...{ cluster: null, what, count, usdPerHour },
    usdPerMonth: usdPerHour === null ? null : usdPerHour * MONTH_HOURS,
  });
  const ofMonth = (usd: number | undefined, count = 1) => times(usd, count / MONTH_HOURS);
  const network = [
    always("NAT gateway", prices.natGatewayHour ?? null),
    always("its public address", prices.publicAddressHour ?? null),
  ];
  return [
    ...(hasOwnNetwork ? [] : network),
    always("KMS key", ofMonth(prices.kmsKeyMonth)),
    always(`GB on the file system`, ofMonth(prices.efsGbMonth, efsGb), efsGb),
  ];
}

const times = (usd: number | undefined, count: number): number | null =>
  usd === undefined ? null : usd * count;

const sum = (parts: readonly (number | null)[]): number | null =>
  parts.reduce<number | null>((all, part) => (all === null || part === null ? null : all + part), 0);

function notesOn(clusters: readonly ClusterSettings[]): readonly string[] {
  const spot = clusters.filter(({ spot: isSpot }) => isSpot).map(({ name }) => name);
  const several = clusters
    .filter(({ instanceTypes = [] }) => instanceTypes.length > 0)
    .map(({ name }) => name);
  return [
    "List prices without tax and discounts. Not in it: data through the NAT gateway and between zones, log storage, requests to S3 and DynamoDB (cents).",
    ...(spot.length > 0
      ? [`Spot nodes cost less than shown, by how much changes by the hour: ${spot.join(", ")}.`]
      : []),
    ...(several.length > 0
      ? [`Counted with its first instance type, though others may be taken: ${several.join(", ")}.`]
      : []),
  ];
}
