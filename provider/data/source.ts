import type { MusterClient } from "../client/ports.js";
import { dataSourceFor } from "../core/data-source.js";

/** How each data source of this provider begins: `musterDataSource({ schema, read })`. */
export const musterDataSource = dataSourceFor<MusterClient>();
