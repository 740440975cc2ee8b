import { resourceFor } from "../core/resource.js";
import type { MusterClient } from "./ports.js";

/** How each resource of this provider begins: `musterResource({ schema, create, ... })`. */
export const musterResource = resourceFor<MusterClient>();
