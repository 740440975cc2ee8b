import type { MusterClient } from "../../client/ports.js";
import type { Context } from "../../core/resource.js";
import type { jobSchema } from "./schema.js";

/** What every action of `muster_job` is given. */
export type JobContext = Context<typeof jobSchema, MusterClient>;
