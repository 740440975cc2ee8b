import type { AnyResource } from "./resource.js";
import type { Runtime } from "./runtime.js";
import type { Config, Schema } from "./types.js";

/** A provider: its own schema, what it makes of a configuration, and its kinds of resources by type name. */
export interface Provider<S extends Schema, Client> {
  readonly schema: S;
  /** Called once before any resource is touched; values may be unknown. Throws DiagnosticError. */
  configure(config: Config<S>, runtime: Runtime): Promise<Client>;
  readonly resources: Readonly<Record<string, AnyResource<Client>>>;
}

export type AnyProvider<Client> = Provider<Schema, Client>;
