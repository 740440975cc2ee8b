import type { MusterClient } from "../client/ports.js";
import { resourceFor } from "../core/resource.js";

/**
 * How a resource of this provider begins: `musterResource({ schema, create, ... })`. Around it goes boundToPlace where it
 * is found through the provider's org and region.
 */
export const musterResource = resourceFor<MusterClient>();
