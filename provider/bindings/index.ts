import { providerSchema } from "../client/schema.js";
import { clusterDataSchema } from "../data/cluster/schema.js";
import { clustersDataSchema } from "../data/clusters/schema.js";
import { imagesDataSchema } from "../data/images/schema.js";
import { instanceTypesDataSchema } from "../data/instance-types/schema.js";
import { jobsDataSchema } from "../data/jobs/schema.js";
import { preflightDataSchema } from "../data/preflight/schema.js";
import { priceDataSchema } from "../data/price/schema.js";
import { clusterSchema } from "../resources/cluster/schema.js";
import { fleetSchema } from "../resources/fleet/schema.js";
import { guardSchema } from "../resources/guard/schema.js";
import { imageSchema } from "../resources/image/schema.js";
import { jobDefinitionSchema } from "../resources/job-definition/schema.js";
import { notebookSchema } from "../resources/notebook/schema.js";
import { dataSourceClass, providerClass, resourceClass } from "./construct.js";

/** `provider "muster"`: the org and, optionally, the region. */
export class MusterProvider extends providerClass(providerSchema) {}

/** `resource "muster_cluster"`: a cluster's identity, registry item and secret. */
export class MusterClusterResource extends resourceClass("muster_cluster", clusterSchema) {}

/** `resource "muster_fleet"`: a cluster's nodes; its apply ends when every node is ready. */
export class MusterFleetResource extends resourceClass("muster_fleet", fleetSchema) {}

/** `resource "muster_image"`: a version of an image for nodes, baked, copied and shared. */
export class MusterImageResource extends resourceClass("muster_image", imageSchema) {}

/** `resource "muster_job_definition"`: what is kept to be run, and submitted as a job when it changes. */
export class MusterJobDefinitionResource extends resourceClass(
  "muster_job_definition",
  jobDefinitionSchema,
) {}

/** `resource "muster_notebook"`: JupyterLab on a node of its own, attached to a cluster; its apply ends when it is ready. */
export class MusterNotebookResource extends resourceClass("muster_notebook", notebookSchema) {}

/** `resource "muster_teardown_guard"`: refuses to be destroyed while its org has clusters. */
export class MusterTeardownGuardResource extends resourceClass("muster_teardown_guard", guardSchema) {}

/** `data "muster_cluster"`: one cluster, by name or by UUID. */
export class DataMusterCluster extends dataSourceClass("muster_cluster", clusterDataSchema) {}

/** `data "muster_clusters"`: the org's clusters. */
export class DataMusterClusters extends dataSourceClass("muster_clusters", clustersDataSchema) {}

/** `data "muster_images"`: the newest usable versions of an image's family. */
export class DataMusterImages extends dataSourceClass("muster_images", imagesDataSchema) {}

/** `data "muster_instance_types"`: instance types for nodes. */
export class DataMusterInstanceTypes extends dataSourceClass(
  "muster_instance_types",
  instanceTypesDataSchema,
) {}

/** `data "muster_preflight"`: what the account lacks of what a deploy asks for. */
export class DataMusterPreflight extends dataSourceClass("muster_preflight", preflightDataSchema) {}

/** `data "muster_price"`: what a node's hour costs by AWS's price list. */
export class DataMusterPrice extends dataSourceClass("muster_price", priceDataSchema) {}

/** `data "muster_jobs"`: what ran, runs and waits on a cluster. */
export class DataMusterJobs extends dataSourceClass("muster_jobs", jobsDataSchema) {}
