import type { MusterClient } from "../../client/ports.js";
import type { Context } from "../../core/resource.js";
import type { fleetSchema } from "./schema.js";

/** What every action of `muster_fleet` gets. */
export type FleetContext = Context<typeof fleetSchema, MusterClient>;

/** What looks at an Auto Scaling group and its instances need, of any resource. */
export type GroupContext = Pick<FleetContext, "clock" | "log"> & {
  readonly client: Pick<MusterClient, "groups">;
};
