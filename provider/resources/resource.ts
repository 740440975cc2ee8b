import type { MusterClient } from "../client/ports.js";
import { resourceFor } from "../core/resource.js";

/**
 * Defines a resource of this provider: `musterResource({ schema, create, ... })`. Wrap it in boundToPlace if it is found through the
 * provider's org and region.
 */
export const musterResource = resourceFor<MusterClient>();
