import { dataSourceFor } from "../core/data-source.js";
import type { MusterClient } from "../resources/ports.js";

/** How each data source of this provider begins: `musterDataSource({ schema, read })`. */
export const musterDataSource = dataSourceFor<MusterClient>();
