import type { ClusterAsk, PreflightAsk } from "./ask.js";
import type { PreflightFacts, RunningFacts, SubnetFacts } from "./facts.js";
import { counted, type Found, problem, unchecked, within } from "./finding.js";
import { subnetsOf } from "./place.js";

/**
 * Free addresses: each node takes one. Clusters that share subnets are counted together. Before the org's network is there, its
 * range is muster.yaml's own to check. Pure.
 */
export function checkSubnets(ask: PreflightAsk, { subnets, running }: PreflightFacts): readonly Found[] {
  if (ask.clusters.length === 0) return [];
  const nodes = ask.clusters.reduce((sum, cluster) => sum + cluster.nodes, 0);
  return within(
    subnets,
    (unknown) => unchecked("subnet", "subnets", counted(nodes, "address", "addresses"), unknown),
    (known) => [
      ...ask.clusters.flatMap((cluster) => missingSubnets(cluster, known)),
      ...sharedPlaces(ask, known).flatMap((place) => {
        const alive = "unknown" in running ? [] : running.value;
        return tooFew(place, ask.org, alive);
      }),
    ],
  );
}

function missingSubnets({ name, place }: ClusterAsk, subnets: readonly SubnetFacts[]): readonly Found[] {
  if (!("subnetIds" in place)) return [];
  const missing = place.subnetIds.filter((id) => !subnets.some((subnet) => subnet.id === id));
  return missing.map((id) =>
    problem(
      `subnet ${id}`,
      `a subnet for ${name}`,
      "none that the credentials see in this region",
      "Correct the id (org.network.subnetIds), the region or the account.",
    ),
  );
}

interface Place {
  readonly subnets: readonly SubnetFacts[];
  /** Those whose nodes can be nowhere else. */
  readonly clusters: readonly ClusterAsk[];
}

/** Each distinct set of subnets, with the clusters that have no other. */
function sharedPlaces({ clusters, org }: PreflightAsk, all: readonly SubnetFacts[]): readonly Place[] {
  const placed = clusters.map((cluster) => ({ cluster, subnets: subnetsOf(cluster, org, all) }));
  const sets = new Map(placed.map(({ subnets }) => [subnets.map(({ id }) => id).join(), subnets]));
  return [...sets.values()].map((subnets) => ({
    subnets,
    clusters: placed
      .filter((one) => one.subnets.length > 0 && one.subnets.every((subnet) => subnets.includes(subnet)))
      .map(({ cluster }) => cluster),
  }));
}

function tooFew({ subnets, clusters }: Place, org: string, alive: readonly RunningFacts[]): readonly Found[] {
  const ids = subnets.map(({ id }) => id);
  const toCome = clusters.map(({ name, nodes }) => {
    const there = alive.filter(
      (one) => one.org === org && one.cluster === name && ids.includes(one.subnetId ?? ""),
    );
    return Math.max(0, nodes - there.length);
  });
  const asked = toCome.reduce((sum, count) => sum + count, 0);
  const free = subnets.reduce((sum, subnet) => sum + subnet.free, 0);
  if (asked <= free) return [];
  return [
    problem(
      subnets
        .map(({ id, name }) => (name === null ? `subnet ${id}` : `subnet ${id} (${name})`))
        .join(" and "),
      `${counted(asked, "address", "addresses")} for ${clusters.map(({ name }) => name).join(", ")}`,
      counted(free, "free address", "free addresses"),
      "Put clusters into the other zone (zone: 2), declare fewer nodes, or give the org a network with a larger range.",
    ),
  ];
}
