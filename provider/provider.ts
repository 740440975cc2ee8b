import { connectionFrom } from "./connection.js";
import type { Provider } from "./core/provider.js";
import { clusterSource } from "./data/cluster/source.js";
import { clustersSource } from "./data/clusters/source.js";
import { instanceTypesSource } from "./data/instance-types/source.js";
import { jobRunsSource } from "./data/job-runs/source.js";
import { tokenEphemeral } from "./ephemeral/token/ephemeral.js";
import { clusterResource } from "./resources/cluster/resource.js";
import { fleetResource } from "./resources/fleet/resource.js";
import { guardResource } from "./resources/guard/resource.js";
import type { MusterClient } from "./resources/ports.js";
import { providerSchema } from "./schema.js";

/** The provider, whole: `env` is where the region is looked for when the configuration has none. */
export const musterProvider = (
  env: Readonly<Record<string, string | undefined>>,
): Provider<typeof providerSchema, MusterClient> => ({
  schema: providerSchema,
  resources: {
    muster_cluster: clusterResource,
    muster_fleet: fleetResource,
    muster_teardown_guard: guardResource,
  },
  dataSources: {
    muster_cluster: clusterSource,
    muster_clusters: clustersSource,
    muster_instance_types: instanceTypesSource,
    muster_job_runs: jobRunsSource,
  },
  ephemerals: { muster_token: tokenEphemeral },

  async configure(config, runtime) {
    const connection = connectionFrom(config, env);
    // Loaded here and not before: a schema or a validation needs no AWS.
    const { connectAws } = await import("./aws/client.js");
    return connectAws(connection, runtime);
  },
});
