import type { MusterClient } from "../../client/ports.js";
import type { Context } from "../../core/resource.js";
import type { jobDefinitionSchema } from "./schema.js";

/** What every action of `muster_job_definition` is given. */
export type JobDefinitionContext = Context<typeof jobDefinitionSchema, MusterClient>;
