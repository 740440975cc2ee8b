import type { ClusterAsk, PreflightAsk } from "./ask.js";
import type { CountFacts, Known, PreflightFacts, RunningFacts, TypeFacts } from "./facts.js";
import { counted, type Found, problem, unchecked, warning, within } from "./finding.js";
import { ADDRESS_QUOTA, type Quota, VPC_QUOTA, vcpuQuotaOf } from "./quotas.js";

const NO_ANSWER = { unknown: { why: "it was not asked", right: null } } as const;

/** The quotas on running vCPUs, against what all clusters ask together and what else runs. Pure. */
export function checkVcpus(ask: PreflightAsk, { types, running, quotas }: PreflightFacts): readonly Found[] {
  const what = "running vCPUs";
  const nodes = counted(
    ask.clusters.reduce((sum, cluster) => sum + cluster.nodes, 0),
    "node",
  );
  if (ask.clusters.length === 0) return [];
  return within(
    types,
    (unknown) => unchecked("vcpus", what, nodes, unknown),
    (known) =>
      demandsOf(ask.clusters, known).flatMap((demand) =>
        checkVcpuQuota(demand, ask, running, quotas.get(demand.quota.code) ?? NO_ANSWER),
      ),
  );
}

/** What clusters ask of one quota. */
interface Demand {
  readonly quota: Quota;
  readonly clusters: readonly { readonly cluster: ClusterAsk; readonly vcpus: number }[];
  readonly vcpus: number;
}

function demandsOf(clusters: readonly ClusterAsk[], types: readonly TypeFacts[]): readonly Demand[] {
  const vcpusOf = new Map(types.map(({ name, vcpus }) => [name, vcpus]));
  const demands = new Map<string, Demand>();
  for (const cluster of clusters) {
    const type = cluster.instanceTypes[0] ?? "";
    const quota = vcpuQuotaOf(type, cluster.spot);
    const each = vcpusOf.get(type);
    // A type that is unknown to EC2 is the finding of another check.
    if (quota === null || each === undefined) continue;
    const before = demands.get(quota.code) ?? { quota, clusters: [], vcpus: 0 };
    demands.set(quota.code, {
      quota,
      clusters: [...before.clusters, { cluster, vcpus: each }],
      vcpus: before.vcpus + cluster.nodes * each,
    });
  }
  return [...demands.values()];
}

function checkVcpuQuota(
  { quota, clusters, vcpus }: Demand,
  { org, region }: PreflightAsk,
  running: PreflightFacts["running"],
  limit: Known<number | null>,
): readonly Found[] {
  const resource = `quota ${quota.name} (${quota.code}) in ${region}`;
  const names = clusters.map(
    ({ cluster }) => `${cluster.name} (${counted(cluster.nodes, "node")} of ${cluster.instanceTypes[0]})`,
  );
  const asked = `${counted(vcpus, "vCPU")} for ${names.join(", ")}`;
  if ("unknown" in limit) return [unchecked("vcpus", resource, asked, limit.unknown)];
  if (limit.value === null) return [];
  const own = new Set(clusters.map(({ cluster }) => cluster.name));
  // What these clusters run already is part of what they ask.
  const isOther = (one: RunningFacts) =>
    vcpuQuotaOf(one.type, one.spot)?.code === quota.code &&
    !(one.org === org && one.cluster !== null && own.has(one.cluster));
  const others = "unknown" in running ? [] : running.value.filter(isOther);
  const used = others.reduce((sum, one) => sum + one.vcpus, 0);
  const free = Math.max(0, limit.value - used);
  if (vcpus <= free)
    return "unknown" in running ? [unchecked("vcpus", resource, asked, running.unknown)] : [];
  const there = `${free} of ${limit.value} vCPUs, as others run ${used}${fitting(clusters, free)}`;
  const next = `Ask for at least ${vcpus + used} at Service Quotas (${quota.service}, ${quota.code}), or declare fewer nodes.`;
  // Auto Scaling takes the next type where the first can't be started.
  const hasOther = clusters.some(({ cluster: { instanceTypes, spot } }) =>
    instanceTypes.some((type) => vcpuQuotaOf(type, spot)?.code !== quota.code),
  );
  return [(hasOther ? warning : problem)(resource, asked, there, next)];
}

/** How many nodes of a cluster would start. */
function fitting(clusters: Demand["clusters"], free: number): string {
  const [only, ...others] = clusters;
  if (only === undefined || others.length > 0) return "";
  return `: ${Math.floor(free / only.vcpus)} of ${only.cluster.nodes} nodes`;
}

/** The quota on public addresses: the org's NAT gateway needs one. Pure. */
export const checkAddresses = (ask: PreflightAsk, { addresses, quotas }: PreflightFacts): readonly Found[] =>
  checkOne("elastic-ips", ADDRESS_QUOTA, "Elastic IP", ask, addresses, quotas);

/** The quota on VPCs. Pure. */
export const checkVpcs = (ask: PreflightAsk, { vpcs, quotas }: PreflightFacts): readonly Found[] =>
  checkOne("vpcs", VPC_QUOTA, "VPC", ask, vpcs, quotas);

function checkOne(
  check: "elastic-ips" | "vpcs",
  quota: Quota,
  thing: string,
  { org, region, network }: PreflightAsk,
  counts: Known<CountFacts>,
  quotas: PreflightFacts["quotas"],
): readonly Found[] {
  if (network === null) return [];
  const resource = `quota ${quota.name} (${quota.code}) in ${region}`;
  const asked = `1 ${thing} for the network of org ${org}`;
  return within(
    counts,
    (unknown) => unchecked(check, resource, asked, unknown),
    ({ count, ofOrg }) => {
      if (ofOrg > 0) return [];
      const limit = quotas.get(quota.code) ?? NO_ANSWER;
      if ("unknown" in limit) return [unchecked(check, resource, asked, limit.unknown)];
      if (limit.value === null || count < limit.value) return [];
      const next = `Ask for at least ${count + 1} at Service Quotas (${quota.service}, ${quota.code}), release one that is not used, or set network.vpcId.`;
      return [problem(resource, asked, `0 of ${limit.value}, as ${count} are in use`, next)];
    },
  );
}
