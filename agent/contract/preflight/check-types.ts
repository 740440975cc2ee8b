import type { ClusterAsk, PreflightAsk } from "./ask.js";
import type { Offering, PreflightFacts, TypeFacts } from "./facts.js";
import { type Found, problem, unchecked, warning, within } from "./finding.js";
import { zonesOf } from "./place.js";

const typesInWords = (clusters: readonly ClusterAsk[]): string =>
  [...new Set(clusters.flatMap(({ instanceTypes }) => instanceTypes))].join(", ");

/** Each instance type is offered in the zones where its nodes will be. Pure. */
export function checkOfferings(ask: PreflightAsk, facts: PreflightFacts): readonly Found[] {
  if (ask.clusters.length === 0) return [];
  return within(
    facts.offerings,
    (unknown) => unchecked("offering", "instance types", typesInWords(ask.clusters), unknown),
    (offerings) => ask.clusters.flatMap((cluster) => checkPlace(cluster, ask, facts, offerings)),
  );
}

function checkPlace(
  cluster: ClusterAsk,
  ask: PreflightAsk,
  facts: PreflightFacts,
  offerings: readonly Offering[],
): readonly Found[] {
  const { name, instanceTypes } = cluster;
  return within(
    zonesOf(cluster, ask, facts),
    (unknown) => unchecked("offering", `zones of cluster ${name}`, instanceTypes.join(", "), unknown),
    (zones) => {
      const offeredIn = (type: string) =>
        offerings.filter((one) => one.type === type).map(({ zone }) => zone);
      const missing = instanceTypes.flatMap((type) =>
        zones.filter((zone) => !offeredIn(type).includes(zone)).map((zone) => ({ type, zone })),
      );
      const isAll = missing.length === instanceTypes.length * zones.length;
      // Auto Scaling takes another of the cluster's types or zones.
      const is = isAll ? problem : warning;
      return missing.map(({ type, zone }) =>
        is(
          `instance type ${type} of cluster ${name}`,
          `offered in ${zone}`,
          whereInstead(offeredIn(type)),
          nextStep(cluster, offeredIn(type)),
        ),
      );
    },
  );
}

const whereInstead = (zones: readonly string[]): string =>
  zones.length === 0 ? "offered in no zone of the region" : `offered in ${zones.toSorted().join(", ")}`;

function nextStep({ place }: ClusterAsk, offered: readonly string[]): string {
  if (offered.length === 0) return "Choose another instance type or region.";
  const subnets =
    "subnetIds" in place ? "choose subnets in one of these zones" : "set zone or org.network.zones to these";
  return `Choose another instance type, or ${subnets}: a launch there would fail each time.`;
}

/** Each instance type is one, and has an EFA where the cluster asks for it. Pure. */
export const checkEfa = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ofTypes(
    "efa",
    ask.clusters.filter(({ efa }) => efa),
    facts,
    ({ name }, type) =>
      type.efa
        ? []
        : [
            problem(
              `instance type ${type.name} of cluster ${name}`,
              "an Elastic Fabric Adapter",
              "none",
              'Set efa to false, or choose a type that has one: data "muster_instance_types" with efa = true lists them.',
            ),
          ],
  );

/** Each instance type can be in a cluster placement group. Pure. */
export const checkPlacement = (ask: PreflightAsk, facts: PreflightFacts): readonly Found[] =>
  ofTypes(
    "placement",
    ask.clusters.filter(({ placementGroup }) => placementGroup),
    facts,
    ({ name }, type) =>
      type.placements === null || type.placements.includes("cluster")
        ? []
        : [
            problem(
              `instance type ${type.name} of cluster ${name}`,
              "placement strategy cluster",
              type.placements.join(", ") || "none",
              "Choose a type that supports cluster placement groups.",
            ),
          ],
  );

/** What `see` finds of each cluster's types. Types that EC2 does not know are left to the check of offerings. Pure. */
export function ofTypes(
  check: "efa" | "placement" | "image",
  clusters: readonly ClusterAsk[],
  { types }: PreflightFacts,
  see: (cluster: ClusterAsk, type: TypeFacts) => readonly Found[],
): readonly Found[] {
  if (clusters.length === 0) return [];
  return within(
    types,
    (unknown) => unchecked(check, "instance types", typesInWords(clusters), unknown),
    (known) =>
      clusters.flatMap((cluster) =>
        known
          .filter(({ name }) => cluster.instanceTypes.includes(name))
          .flatMap((type) => see(cluster, type)),
      ),
  );
}
