import type { Access, Opening, Secrets } from "../core/ports.js";
import { accountTraces, findAccount } from "./account.js";
import { createNudges } from "./agents.js";
import { orgCleanup } from "./cleanup.js";
import { leaseReader, registryClusters } from "./clusters.js";
import { registryJobs } from "./jobs.js";
import { late } from "./late.js";
import { registryNotebooks } from "./notebooks.js";
import { openParking } from "./parking.js";
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
  const of = [opening, env, version] as const;
  const parameters = late(async () => (await import("./secrets.js")).parameterSecrets(...of));
  const groups = late(async () => (await import("./groups.js")).openGroups(...of));
  const nudges = createNudges({ readLease: leaseReader(registry), readSecret: parameters.read });
  const secrets: Secrets = {
    read: parameters.read,
    async rotate(clusterUuid) {
      let made = 0;
      await nudges.after({ clusterUuid, id: null }, async () => {
        made = await parameters.put(clusterUuid);
        return true;
      });
      return made;
    },
  };
  const clusters = registryClusters(registry, opening.org);
  const notebooks = registryNotebooks(registry, opening.org, groups);
  const account = accountTraces(opening, env, version);
  const parking = openParking(registry, clusters, groups);
  return {
    clusters,
    jobs: registryJobs(registry, nudges, parking),
    parking: parking.of,
    logs: late(async () => (await import("./logs.js")).bucketLogs(...of)),
    notebooks,
    images: late(async () => (await import("./images.js")).orgImages(...of)),
    secrets,
    gitCredentials: late(async () => (await import("./git-credentials.js")).parameterGitCredentials(...of)),
    bundles: late(async () => (await import("./bundles.js")).bucketBundles(...of)),
    account,
    cleanup: orgCleanup(registry, { clusters, notebooks, account }, opening, version),
    preflight: late(async () => (await import("./preflight.js")).accountPreflight(...of, account)),
    usage: registryUsage(registry),
    prices: late(async () => (await import("./prices.js")).awsPrices(...of)),
    async settled() {
      await Promise.all([nudges.settled(), parking.settled()]);
    },
  };
}
