import type { MusterClient } from "../../client/ports.js";
import type { Context } from "../../core/resource.js";
import type { imageSchema } from "./schema.js";

/** What every action of `muster_image` gets. */
export type ImageContext = Context<typeof imageSchema, MusterClient>;
