import type { Draft } from "./draft.js";
import { type Problem, renderValue } from "./problem.js";

const OWN_RANGE = "10.20.0.0/16";

/** The rules of an org on a network that exists. Pure. */
export function existingNetworkProblems({ org, clusters = [] }: Draft): Problem[] {
  const { vpcId, subnetIds, endpointRouteTableIds, cidr, zones } = org?.network ?? {};
  const at = (key: string) => ["org", "network", key];
  const refuse = (key: string, value: unknown, allowed: string): Problem => ({
    path: at(key),
    message: `got ${renderValue(value)}; allowed: ${allowed}`,
  });
  if (vpcId === undefined) {
    return Object.entries({ subnetIds, endpointRouteTableIds })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => refuse(key, value, "only with vpcId, an existing VPC"));
  }
  const problems: Problem[] = [];
  if (subnetIds === undefined)
    problems.push({
      path: at("subnetIds"),
      message: "is missing; needed with vpcId: one or two private subnets of it",
    });
  if (cidr !== undefined && cidr !== OWN_RANGE)
    problems.push(refuse("cidr", cidr, "only without vpcId: the VPC has its range"));
  if (zones !== undefined)
    problems.push(refuse("zones", zones, "only without vpcId: the subnets have their zones"));
  if (subnetIds?.length !== 1) return problems;
  const inZone2 = clusters.flatMap((cluster, index): Problem[] => {
    const key = cluster?.zones?.includes(2) ? "zones" : "zone";
    if (key === "zone" && cluster?.zone !== 2) return [];
    const message = `got ${renderValue(cluster?.[key])}; allowed: zone 1, as org.network.subnetIds has one subnet`;
    return [{ path: ["clusters", index, key], message }];
  });
  return [...problems, ...inZone2];
}
