import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { clusterSecretName } from "../../../agent/contract/names.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { roleToken } from "../../../agent/contract/tokens.js";
import { placeJourney } from "../../../scripts/journey/place.js";
import { createProgress } from "../../../scripts/journey/progress.js";
import { nothingSeen } from "../../../scripts/journey/report.js";
import { deploy, goDown, goUp, type Journey, lookAtCluster } from "../../../scripts/journey/run.js";
import type { BenchSetting } from "../subject.js";

const CLOUD = "bench";

/** A cluster in a local cloud of its own. */
export interface BenchCluster {
  readonly journey: Journey;
  readonly cluster: ObservedCluster;
  readonly operatorToken: string;
  /** Has the certificate of the cluster's authority. */
  readonly authorityFile: string;
}

/** Starts a local cloud with a cluster of `nodes`, hands it to `use`, and removes all of it, also when that fails. */
export async function withCluster<T>(
  { projectRoot, ready }: BenchSetting,
  nodes: number,
  use: (bench: BenchCluster) => Promise<T>,
): Promise<T> {
  const journey: Journey = {
    place: placeJourney(projectRoot, CLOUD, "us-east-1"),
    env: ready.env,
    progress: createProgress(process.stderr, Date.now()),
    signal: new AbortController().signal,
    seen: nothingSeen(),
  };
  const folder = await mkdtemp(join(tmpdir(), "muster-bench-"));
  await goDown(journey);
  try {
    await goUp(journey, nodes);
    await deploy(journey, { nodes, jobDefinitions: [] });
    await lookAtCluster(journey);
    const { cluster } = journey.seen;
    if (cluster === null) throw new Error("The benchmark's cluster is not in the registry.");
    const secret = await secretOf(journey, cluster);
    const authorityFile = join(folder, "ca.pem");
    await writeFile(authorityFile, authorityCertificate(deriveAuthority(secret, cluster.uuid)));
    return await use({ journey, cluster, operatorToken: roleToken(secret, "operator"), authorityFile });
  } finally {
    await goDown(journey);
    await rm(folder, { recursive: true, force: true });
  }
}

async function secretOf({ place }: Journey, { uuid }: ObservedCluster): Promise<string> {
  const { org, region } = place.workspace;
  const get = new GetParameterCommand({ Name: clusterSecretName(org, uuid), WithDecryption: true });
  const { Parameter } = await new SSMClient({ region }).send(get);
  return Parameter?.Value ?? "";
}
