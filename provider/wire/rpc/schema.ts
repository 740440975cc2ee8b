import { toWireSchema } from "../schema.js";
import type { Session } from "../session.js";

/** Plans of a destroy reach the provider; a cached schema is fine. */
const CAPABILITIES = {
  plan_destroy: true,
  get_provider_schema_optional: true,
  move_resource_state: false,
} as const;

/** What this provider offers: GetMetadata, GetProviderSchema, GetFunctions. Nothing here needs AWS. */
export function schemaCalls<Client>({ provider }: Session<Client>) {
  return {
    GetMetadata: () => ({
      server_capabilities: CAPABILITIES,
      resources: Object.keys(provider.resources).map((type_name) => ({ type_name })),
    }),

    GetProviderSchema: () => ({
      server_capabilities: CAPABILITIES,
      provider: toWireSchema(provider.schema),
      resource_schemas: Object.fromEntries(
        Object.entries(provider.resources).map(([name, { schema }]) => [name, toWireSchema(schema)]),
      ),
    }),

    GetFunctions: () => ({ functions: {} }),
  };
}
