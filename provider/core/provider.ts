import type { AnyDataSource } from "./data-source.js";
import type { AnyEphemeral } from "./ephemeral.js";
import type { AnyResource } from "./resource.js";
import type { Runtime } from "./runtime.js";
import type { Config, Schema } from "./types.js";

/** A provider: its own schema, what it makes of a configuration, and what it offers, each by type name. */
export interface Provider<S extends Schema, Client> {
  readonly schema: S;
  /** Called once before any resource is touched; values may be unknown. Throws DiagnosticError. */
  configure(config: Config<S>, runtime: Runtime): Promise<Client>;
  readonly resources: Readonly<Record<string, AnyResource<Client>>>;
  readonly dataSources: Readonly<Record<string, AnyDataSource<Client>>>;
  readonly ephemerals: Readonly<Record<string, AnyEphemeral<Client>>>;
}

export type AnyProvider<Client> = Provider<Schema, Client>;
