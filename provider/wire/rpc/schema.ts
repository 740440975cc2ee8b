import type { AnyProvider } from "../../core/provider.js";
import type { Schema } from "../../core/types.js";
import { toWireSchema } from "../schema.js";
import { bounded } from "../text.js";

/** Plans of a destroy reach the provider; a cached schema is fine; it is asked about moves between types. */
const CAPABILITIES = {
  plan_destroy: true,
  get_provider_schema_optional: true,
  move_resource_state: true,
} as const;

const LONGEST_ERROR = 500;

type Kinds = Readonly<Record<string, { readonly schema: Schema }>>;

const typeNames = (kinds: Kinds) => Object.keys(kinds).map((type_name) => ({ type_name }));
const schemas = (kinds: Kinds) =>
  Object.fromEntries(Object.entries(kinds).map(([name, { schema }]) => [name, toWireSchema(schema)]));

/** What this provider offers: GetMetadata, GetProviderSchema, GetFunctions, CallFunction. Nothing here needs AWS. */
export function schemaCalls<Client>(provider: AnyProvider<Client>) {
  return {
    GetMetadata: () => ({
      server_capabilities: CAPABILITIES,
      resources: typeNames(provider.resources),
      data_sources: typeNames(provider.dataSources),
      ephemeral_resources: typeNames(provider.ephemerals),
    }),

    GetProviderSchema: () => ({
      server_capabilities: CAPABILITIES,
      provider: toWireSchema(provider.schema),
      resource_schemas: schemas(provider.resources),
      data_source_schemas: schemas(provider.dataSources),
      ephemeral_resource_schemas: schemas(provider.ephemerals),
    }),

    GetFunctions: () => ({ functions: {} }),

    CallFunction: ({ name }: { readonly name: string }) => ({
      error: { text: bounded(`There is no function "${name}": this provider has none.`, LONGEST_ERROR) },
    }),
  };
}
