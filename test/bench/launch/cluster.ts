import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clusterSecretName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import type { JourneyPlace } from "../../../scripts/journey/place.js";
import { cloudPlaces } from "../../../scripts/local/hosts/cloud.js";
import { inNode } from "../../../scripts/local/hosts/exec.js";
import { runCommand } from "../../../scripts/system/command.js";
import type { Boot } from "../boot/measure.js";

/** A cluster in a local cloud, which is the AWS of this process. */
export interface BenchCluster {
  readonly place: JourneyPlace;
  readonly cluster: ObservedCluster;
  readonly operatorToken: string;
  /** The certificate of the cluster's authority. */
  readonly authority: string;
  /** How long it took to boot, beside as many bare machines. */
  readonly boot: Boot;
}

/** What the benchmark needs to know of a cluster that is ready. */
export async function openBenchCluster(
  place: JourneyPlace,
  cluster: ObservedCluster,
  boot: Boot,
): Promise<BenchCluster> {
  const { org, region } = place.workspace;
  const get = new GetParameterCommand({ Name: clusterSecretName(org, cluster.uuid), WithDecryption: true });
  const { Parameter } = await new SSMClient({ region }).send(get);
  const secret = Parameter?.Value ?? "";
  const authority = authorityCertificate(deriveAuthority(secret, cluster.uuid));
  return { place, cluster, boot, authority, operatorToken: roleToken(secret, "operator") };
}

/** The head, and a node that is not. Fails for a cluster without either. */
export function headAndWorker({ cluster: { nodes, headInstanceId } }: Pick<BenchCluster, "cluster">) {
  const head = nodes.find(({ id }) => id === headInstanceId);
  const worker = nodes.find(({ id }) => id !== headInstanceId);
  if (head === undefined || worker === undefined)
    throw new Error("The cluster has no head and another node.");
  return { head, worker };
}

/** Runs a shell script as root in a node, for its output. Fails unless it ends well. */
export function onNode(
  { place }: Pick<BenchCluster, "place">,
  id: string,
  script: string,
  timeoutSeconds = 60,
): Promise<string> {
  const { argv, env } = inNode(cloudPlaces(place.cloudName), id, ["/bin/sh", "-euc", script]);
  return runCommand(argv, { env, timeoutSeconds });
}

/** The same as the user whom jobs and people run as. */
export const asUser = (script: string): string =>
  `runuser -u muster -- env HOME=/tmp sh -euc '${script.replaceAll("'", "'\\''")}'`;
