import type { AnyDataSource } from "./data-source.js";
import type { AnyEphemeral } from "./ephemeral.js";
import type { AnyResource } from "./resource.js";
import type { Runtime } from "./runtime.js";
import type { Config, Schema } from "./types.js";

/** A provider: its schema, the client that it makes from a configuration, and its types by name. */
export interface Provider<S extends Schema, Client> {
  readonly schema: S;
  /** Called once before any resource is used; values may be unknown. Throws DiagnosticError. */
  configure(config: Config<S>, runtime: Runtime): Promise<Client>;
  readonly resources: Readonly<Record<string, AnyResource<Client>>>;
  readonly dataSources: Readonly<Record<string, AnyDataSource<Client>>>;
  readonly ephemerals: Readonly<Record<string, AnyEphemeral<Client>>>;
}

export type AnyProvider<Client> = Provider<Schema, Client>;
