import type { AnyDataSource } from "../core/data-source.js";
import { failure } from "../core/diagnostic.js";
import type { AnyEphemeral } from "../core/ephemeral.js";
import type { AnyProvider } from "../core/provider.js";
import type { AnyResource, SettingsOf } from "../core/resource.js";
import type { Runtime } from "../core/runtime.js";

/**
 * A process's session with Terraform: the provider, and its client once Terraform has configured it. `stop` ends every wait at
 * once.
 */
export class PluginSession<Client> {
  readonly provider: AnyProvider<Client>;
  readonly runtime: Runtime;
  readonly #abort: AbortController;
  #client: Client | null = null;

  constructor(provider: AnyProvider<Client>, services: Omit<Runtime, "signal">) {
    this.provider = provider;
    this.#abort = new AbortController();
    this.runtime = { ...services, signal: this.#abort.signal };
  }

  get client(): Client {
    if (this.#client === null) {
      throw failure(
        "provider-not-configured",
        "The provider is not configured",
        "ConfigureProvider must succeed before this call.",
      );
    }
    return this.#client;
  }

  /** Null before Terraform has configured the provider, which it always does before it plans. */
  get settings(): SettingsOf<Client> | null {
    if (this.#client === null) return null;
    return (this.#client as { readonly settings?: unknown }).settings as SettingsOf<Client>;
  }

  configured(client: Client): void {
    this.#client = client;
  }

  /** These three throw for a type that this provider does not have: only a broken caller requests one. */
  resource(typeName: string): AnyResource<Client> {
    return find("resource", this.provider.resources, typeName);
  }

  dataSource(typeName: string): AnyDataSource<Client> {
    return find("data source", this.provider.dataSources, typeName);
  }

  ephemeral(typeName: string): AnyEphemeral<Client> {
    return find("ephemeral resource", this.provider.ephemerals, typeName);
  }

  stop(): void {
    this.runtime.log.info("Terraform asked to stop: ending what waits");
    this.#abort.abort();
  }
}

function find<T>(what: string, kinds: Readonly<Record<string, T>>, typeName: string): T {
  const found = Object.hasOwn(kinds, typeName) ? kinds[typeName] : undefined;
  if (found === undefined) {
    const known = Object.keys(kinds).join(", ");
    throw failure("type-unknown", `No ${what} type "${typeName}"`, `This provider has ${known || "none"}.`);
  }
  return found;
}
