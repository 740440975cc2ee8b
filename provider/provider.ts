import { connectAws } from "./aws/client.js";
import { connectionFrom, unknownConfiguration } from "./client/connection.js";
import type { MusterClient, Settings } from "./client/ports.js";
import { providerSchema } from "./client/schema.js";
import type { DiagnosticError } from "./core/diagnostic.js";
import type { Provider } from "./core/provider.js";
import type { Config, State } from "./core/types.js";
import { UNKNOWN } from "./core/value.js";
import { clusterSource } from "./data/cluster/source.js";
import { clustersSource } from "./data/clusters/source.js";
import { imagesSource } from "./data/images/source.js";
import { instanceTypesSource } from "./data/instance-types/source.js";
import { jobsSource } from "./data/jobs/source.js";
import { preflightSource } from "./data/preflight/source.js";
import { priceSource } from "./data/price/source.js";
import { usageSource } from "./data/usage/source.js";
import { tokenEphemeral } from "./ephemeral/token/ephemeral.js";
import { clusterResource } from "./resources/cluster/resource.js";
import { fleetResource } from "./resources/fleet/resource.js";
import { guardResource } from "./resources/guard/resource.js";
import { imageResource } from "./resources/image/resource.js";
import { jobDefinitionResource } from "./resources/job-definition/resource.js";
import { notebookResource } from "./resources/notebook/resource.js";

/** The whole provider. `env` gives the region if the configuration has none. */
export const musterProvider = (
  env: Readonly<Record<string, string | undefined>>,
): Provider<typeof providerSchema, MusterClient> => ({
  schema: providerSchema,
  resources: {
    muster_cluster: clusterResource,
    muster_fleet: fleetResource,
    muster_image: imageResource,
    muster_job_definition: jobDefinitionResource,
    muster_notebook: notebookResource,
    muster_teardown_guard: guardResource,
  },
  dataSources: {
    muster_cluster: clusterSource,
    muster_clusters: clustersSource,
    muster_images: imagesSource,
    muster_instance_types: instanceTypesSource,
    muster_jobs: jobsSource,
    muster_preflight: preflightSource,
    muster_price: priceSource,
    muster_usage: usageSource,
  },
  ephemerals: { muster_token: tokenEphemeral },

  async configure(config, runtime) {
    const settings = settingsFrom(config);
    const unknown = unknownConfiguration(config);
    // A plan that only creates does not call AWS: an unknown part of the connection fails only the calls that need it.
    if (unknown !== null) return unconnected(unknown, settings);
    const connection = connectionFrom(config as State<typeof providerSchema>, env);
    return { ...(await connectAws(connection, runtime)), settings };
  },
});

const settingsFrom = ({ default_tags }: Config<typeof providerSchema>): Settings => ({
  defaultTags: default_tags === null || default_tags === UNKNOWN ? default_tags : default_tags.tags,
});

/** Every use of this client except its settings throws the failure. It has no `then`, so that it is not taken for a promise. */
const unconnected = (failure: DiagnosticError, settings: Settings): MusterClient =>
  new Proxy({ settings } as MusterClient, {
    get(_client, part) {
      if (part === "then") return undefined;
      if (part === "settings") return settings;
      throw failure;
    },
  });
