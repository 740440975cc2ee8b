import { clusterSchema } from "../resources/cluster/schema.js";
import { fleetSchema } from "../resources/fleet/schema.js";
import { providerSchema } from "../schema.js";
import { providerClass, resourceClass } from "./construct.js";

/** `provider "muster"`: the org and, optionally, the region. */
export class MusterProvider extends providerClass(providerSchema) {}

/** `resource "muster_cluster"`: a cluster's identity, registry item and secret. */
export class MusterClusterResource extends resourceClass("muster_cluster", clusterSchema) {}

/** `resource "muster_fleet"`: a cluster's nodes; applied when each of them is ready. */
export class MusterFleetResource extends resourceClass("muster_fleet", fleetSchema) {}
