import type { Access, Opening, Secrets } from "../core/ports.js";
import { accountTraces, findAccount } from "./account.js";
import { createNudges } from "./agents.js";
import { bucketBundles } from "./bundles.js";
import { orgCleanup } from "./cleanup.js";
import { leaseReader, registryClusters } from "./clusters.js";
import { parameterGitCredentials } from "./git-credentials.js";
import { orgImages } from "./images.js";
import { registryJobs } from "./jobs.js";
import { bucketLogs } from "./logs.js";
import { registryNotebooks } from "./notebooks.js";
import { openParking } from "./parking.js";
import { accountPreflight } from "./preflight.js";
import { awsPrices } from "./prices.js";
import { parameterSecrets } from "./secrets.js";
import { openOrgTable } from "./table.js";
import { registryUsage } from "./usage.js";

/**
 * An org in AWS, through its registry and log bucket: no route into the VPC is needed, although with one a job starts sooner. Endpoint and credentials come from the
 * environment, as everywhere in the SDK. Makes no call.
 */
export function openOrg(
  opening: Opening,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): Access {
  const registry = openOrgTable(opening, env, { version, account: () => findAccount(opening, version) });
  const { read: readSecret, put } = parameterSecrets(opening, env, version);
  const nudges = createNudges({ readLease: leaseReader(registry), readSecret });
  const secrets: Secrets = {
    read: readSecret,
    async rotate(clusterUuid) {
      let version = 0;
      await nudges.after({ clusterUuid, id: null }, async () => {
        version = await put(clusterUuid);
        return true;
      });
      return version;
    },
  };
  const clusters = registryClusters(registry);
  const notebooks = registryNotebooks(registry, opening, { env, version });
  const account = accountTraces(opening, env, version);
  const parking = openParking(registry, clusters, opening, { env, version });
  return {
    clusters,
    jobs: registryJobs(registry, nudges, parking),
    parking: parking.of,
    logs: bucketLogs(opening, env, version),
    notebooks,
    images: orgImages(opening, env, version),
    secrets,
    gitCredentials: parameterGitCredentials(opening, env, version),
    bundles: bucketBundles(opening, env, version),
    account,
    cleanup: orgCleanup(registry, { clusters, notebooks, account }, opening, version),
    preflight: accountPreflight(opening, env, version, account),
    usage: registryUsage(registry),
    prices: awsPrices(opening, env, version),
    async settled() {
      await Promise.all([nudges.settled(), parking.settled()]);
    },
  };
}
