import { isPublic } from "./access.js";
import { accessProblems } from "./access-rules.js";
import { accountProblems } from "./account-rules.js";
import { bakedImageProblems } from "./baked-image-rules.js";
import { dedicatedProblems } from "./dedicated-rule.js";
import type { DeepPartial, Draft } from "./draft.js";
import { fleetProblems } from "./fleet-rules.js";
import { isPrivateRange, PRIVATE_RANGES, parseCidr, quartersOf, usableAddresses } from "./ipv4.js";
import { definitionRuleProblems } from "./job-definition-rules.js";
import { existingNetworkProblems } from "./network-rules.js";
import { notebookProblems } from "./notebook-rules.js";
import { type Problem, renderValue } from "./problem.js";
import { runtimeProblems } from "./runtime-rule.js";
import type { ClusterSettings } from "./schema.js";

type Rule = (draft: Draft) => Problem[];

/** The rest is for Name, the org, the cluster's UUID and its name. */
const MAX_USER_TAGS = 46;
/** The file system's mount target uses one address of each private subnet, the NAT gateway one of a public one. */
const OTHER_ADDRESSES = 1;

/** Rules across values, which no schema can express. Pure. */
export function ruleProblems(draft: Draft): Problem[] {
  return RULES.flatMap((rule) => rule(draft));
}

const cidrIsUsable: Rule = ({ org }) => {
  const cidr = org?.network?.cidr;
  if (cidr === undefined) return [];
  const path = ["org", "network", "cidr"];
  const refuse = (allowed: string): Problem[] => [
    { path, message: `got ${renderValue(cidr)}; allowed: ${allowed}` },
  ];
  const range = parseCidr(cidr);
  if (range === null) return refuse("an IPv4 range such as 10.20.0.0/16");
  if (range.bitmask < 16 || range.bitmask > 24) return refuse("a prefix length from /16 to /24");
  if (`${range}` !== cidr) return refuse(`the range's first address; did you mean ${range}?`);
  return isPrivateRange(range) ? [] : refuse(`a range in ${PRIVATE_RANGES.join(", ")}`);
};

const zonesAreOfTheRegion: Rule = ({ org }) => {
  const zones = org?.network?.zones ?? [];
  const path = ["org", "network", "zones"];
  const problems = zones.flatMap((zone, index): Problem[] => {
    const region = org?.region;
    if (zone === undefined || region === undefined) return [];
    if (zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length))) return [];
    const message = `got ${renderValue(zone)}; allowed: a zone of org.region, such as ${region}a`;
    return [{ path: [...path, index], message }];
  });
  if (zones[0] === undefined || zones[0] !== zones[1]) return problems;
  return [
    ...problems,
    { path: [...path, 1], message: `got ${renderValue(zones[1])} twice; allowed: two zones` },
  ];
};

const stateKeysFitItsType: Rule = ({ state }) => {
  if (state?.type === undefined) return [];
  const foreign = state.type === "s3" ? (["path"] as const) : (["bucket", "region", "prefix"] as const);
  return foreign
    .filter((key) => state[key] !== undefined)
    .map((key): Problem => {
      const other = state.type === "s3" ? "local" : "s3";
      const message = `got ${renderValue(state[key])}; allowed: only if state.type is ${other} (it is ${state.type})`;
      return { path: ["state", key], message };
    });
};

const bucketIsNamed: Rule = ({ state }) => {
  if (state?.type !== "s3" || state.bucket !== undefined) return [];
  const message = "is missing; needed because state.type is s3: the name of an existing bucket";
  return [{ path: ["state", "bucket"], message }];
};

const namesAreUnique: Rule = ({ clusters = [] }) =>
  clusters.flatMap((cluster, index): Problem[] => {
    const first = clusters.findIndex((other) => other?.name === cluster?.name);
    if (cluster?.name === undefined || first === index) return [];
    const message = `got ${renderValue(cluster.name)}; allowed: a name that no other cluster has (clusters[${first}] has this one)`;
    return [{ path: ["clusters", index, "name"], message }];
  });

const fleetsFit: Rule = ({ clusters = [] }) =>
  clusters.flatMap((cluster, index) =>
    fleetProblems(cluster ?? {}).map((problem) => ({
      ...problem,
      path: ["clusters", index, ...problem.path],
    })),
  );

const nodesFitTheirSubnet: Rule = ({ org, clusters = [] }) => {
  const range = parseCidr(org?.network?.cidr ?? "");
  if (range === null || org?.network?.vpcId !== undefined) return [];
  const [subnet] = quartersOf(range);
  const capacity = usableAddresses(subnet) - OTHER_ADDRESSES;
  const tiers = [1, 2].flatMap((zone) => [false, true].map((withPublic) => ({ zone, withPublic })));
  return tiers.flatMap(({ zone, withPublic }): Problem[] => {
    // All nodes of a cluster may be in either of its zones.
    const inSubnet = clusters.filter(
      (cluster) =>
        (cluster?.zones ?? [cluster?.zone]).some((its) => its === zone) &&
        isInPublicSubnet(cluster ?? {}) === withPublic,
    );
    const notebooks = withPublic ? 0 : notebooksIn(zone, clusters);
    const nodes = inSubnet.reduce((sum, cluster) => sum + (cluster?.nodes ?? 0), notebooks);
    if (nodes <= capacity) return [];
    const which = withPublic ? "nodes with public addresses" : "nodes";
    const message = `got ${nodes} ${which} in zone ${zone}; allowed: ${capacity}, the free addresses of its /${subnet.bitmask} subnet (widen org.network.cidr or use the other zone)`;
    return [{ path: ["clusters"], message }];
  });
};

/** Their nodes, which have no public addresses. */
const notebooksIn = (zone: number, clusters: NonNullable<Draft["clusters"]>): number =>
  clusters
    .filter((cluster) => (cluster?.zones?.[0] ?? cluster?.zone) === zone)
    .reduce((sum, cluster) => sum + (cluster?.notebooks ?? []).length, 0);

function isInPublicSubnet({ access }: DeepPartial<ClusterSettings>): boolean {
  return isPublic({ allowFrom: (access?.allowFrom ?? []).filter((range) => range !== undefined) });
}

const accessIsSafe: Rule = ({ clusters = [] }) =>
  clusters.flatMap((cluster, index) => accessProblems(cluster?.access, ["clusters", index, "access"]));

const tagsFitTogether: Rule = ({ org, clusters = [] }) =>
  clusters.flatMap((cluster, index): Problem[] => {
    const count = new Set([...Object.keys(org?.tags ?? {}), ...Object.keys(cluster?.tags ?? {})]).size;
    if (count <= MAX_USER_TAGS) return [];
    const message = `got ${count} tags together with org.tags; allowed: ${MAX_USER_TAGS} (AWS allows 50 for each resource, and Muster needs the rest)`;
    return [{ path: ["clusters", index, "tags"], message }];
  });

/** Without the place that a cluster has in the file. */
const ofOneCluster = ({ path, ...problem }: Problem): Problem => ({ ...problem, path: path.slice(2) });

/** The rules for a single cluster; paths start at it. Pure. */
export function clusterRuleProblems(cluster: DeepPartial<ClusterSettings>): Problem[] {
  const draft = { clusters: [cluster] };
  return [...fleetsFit(draft), ...runtimeProblems(draft), ...accessIsSafe(draft)].map(ofOneCluster);
}

const RULES: readonly Rule[] = [
  cidrIsUsable,
  zonesAreOfTheRegion,
  stateKeysFitItsType,
  bucketIsNamed,
  accountProblems,
  namesAreUnique,
  fleetsFit,
  runtimeProblems,
  existingNetworkProblems,
  nodesFitTheirSubnet,
  accessIsSafe,
  tagsFitTogether,
  definitionRuleProblems,
  dedicatedProblems,
  notebookProblems,
  bakedImageProblems,
];
