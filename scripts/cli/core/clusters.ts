import { closest, distance } from "fastest-levenshtein";
import { isClosed } from "../../../agent/contract/cluster-state.js";
import { degradation, withMissing } from "../../../agent/contract/job-wait.js";
import { parkedRefusal } from "../../../agent/contract/park.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { type CommandError, failure, refusal } from "./exit.js";
import { ATTACHED, type ClusterPlace, isUuid } from "./place.js";
import type { Access } from "./ports.js";

const LISTED = 20;
/** A name with at most this many wrong, missing or extra letters counts as a typing error. */
const MOST_SLIPS = 2;

/** The cluster with this name or UUID. Throws if there is none, or if several have the name. */
export async function findCluster(
  { clusters }: Pick<Access, "clusters">,
  { org, region, cluster: wanted }: ClusterPlace,
): Promise<ClusterItem> {
  if (wanted === ATTACHED) return findAttached(await Array.fromAsync(clusters.list()));
  if (!isUuid(wanted)) {
    const named = await clusters.named(wanted);
    if (named !== null && !isClosed(named)) return named;
    // Others may have the name too, and where none has, a name that is near helps.
    return chooseCluster(await findNamed(clusters, wanted), { org, region, name: wanted });
  }
  const found = await clusters.read(wanted);
  if (found === null || found.clusterStatus === "REMOVED") {
    throw failure(`Org ${org} has no cluster ${wanted} in ${region}; \`muster cluster list\` lists them.`);
  }
  return found;
}

/** Those of a name, of all that there are, of which the names are kept. */
export interface Named {
  readonly named: readonly ClusterItem[];
  readonly names: ReadonlySet<string>;
}

async function findNamed(clusters: Pick<Access["clusters"], "list">, name: string): Promise<Named> {
  const named: ClusterItem[] = [];
  const names = new Set<string>();
  for await (const cluster of clusters.list()) {
    names.add(cluster.name);
    if (cluster.name === name) named.push(cluster);
  }
  return { named, names };
}

function findAttached([found]: readonly ClusterItem[]): ClusterItem {
  if (found !== undefined) return found;
  throw failure("The cluster that this notebook was attached to is gone.");
}

/** As findCluster, by name: a cluster that is being removed counts only if there is no other. Pure. */
export function chooseCluster(
  { named, names }: Named,
  wanted: { readonly org: string; readonly region: string; readonly name: string },
): ClusterItem {
  const open = named.filter((cluster) => !isClosed(cluster));
  const [found, ...others] = open.length > 0 ? open : named;
  if (found === undefined) throw noSuchCluster([...names], wanted);
  if (others.length === 0) return found;
  const lines = [found, ...others].map(
    ({ uuid, clusterStatus, createdAt }) => `  ${uuid}  ${clusterStatus}  since ${createdAt}`,
  );
  throw refusal(
    [
      `Org ${wanted.org} has ${lines.length} clusters named ${wanted.name} in ${wanted.region}:`,
      ...lines,
      "Choose one: --cluster accepts a UUID too.",
    ].join("\n"),
  );
}

function noSuchCluster(
  names: readonly string[],
  { org, region, name }: { readonly org: string; readonly region: string; readonly name: string },
): CommandError {
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  const known = names.length === 0 ? "It has none" : `It has ${names.slice(0, LISTED).join(", ")}${more}`;
  const near = names.length === 0 ? null : closest(name, names);
  const hint = near !== null && distance(near, name) <= MOST_SLIPS ? ` Did you mean ${near}?` : "";
  return failure(`Org ${org} has no cluster ${name} in ${region}. ${known}.${hint}`);
}

/** Throws if the cluster does not accept jobs any more. */
export function refuseClosed(cluster: ClusterItem): void {
  if (!isClosed(cluster)) return;
  throw refusal(
    `Cluster ${cluster.name} (${cluster.uuid}) is ${cluster.clusterStatus} and does not accept jobs.`,
  );
}

/** Throws if the cluster is parked, and a job would not resume it, or has used its budget. */
export function refuseParked(cluster: ClusterItem, now: Date): void {
  const why = parkedRefusal(cluster, now);
  if (why === null) return;
  const next =
    why.reasonCode === "cluster-budget-spent"
      ? "give it a higher budget (budget in muster.yaml) and apply"
      : "resume it (muster cluster resume)";
  throw refusal(
    `The job was refused (${why.reasonCode}): ${why.reason}. Nothing was submitted; ${next}, and submit again.`,
  );
}

/** What a user of the cluster should know about it. Reads the nodes where some are missing. */
export async function clusterWarnings(
  cluster: ClusterItem,
  { clusters }: Pick<Access, "clusters">,
): Promise<readonly string[]> {
  const degraded = degradation(await withMissing(cluster, clusters.nodes));
  const failed =
    cluster.clusterStatus === "FAILED"
      ? [`cluster ${cluster.name} FAILED: ${cluster.reason ?? "no reason is recorded"}`]
      : [];
  return [...failed, ...(degraded === null ? [] : [degraded])].map((text) => `warning: ${text}`);
}
