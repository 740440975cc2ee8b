import type { MusterClient } from "../client/ports.js";
import { dataSourceFor } from "../core/data-source.js";

/** Defines a data source of this provider: `musterDataSource({ schema, read })`. */
export const musterDataSource = dataSourceFor<MusterClient>();
