import { failure } from "../core/diagnostic.js";
import type { AnyProvider } from "../core/provider.js";
import type { AnyResource } from "../core/resource.js";
import type { Runtime } from "../core/runtime.js";

/**
 * One process's talk with Terraform: the provider, and its client once Terraform has configured it. `stop` makes
 * everything that waits end at once.
 */
export class Session<Client> {
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
      throw failure("The provider is not configured", "ConfigureProvider must succeed before this call.");
    }
    return this.#client;
  }

  configured(client: Client): void {
    this.#client = client;
  }

  /** Throws for a type that this provider does not have: only a broken caller asks for one. */
  resource(typeName: string): AnyResource<Client> {
    const resource = Object.hasOwn(this.provider.resources, typeName)
      ? this.provider.resources[typeName]
      : undefined;
    if (resource === undefined) {
      const known = Object.keys(this.provider.resources).join(", ");
      throw failure(`No resource type "${typeName}"`, `This provider has ${known}.`);
    }
    return resource;
  }

  stop(): void {
    this.runtime.log.info("Terraform asked to stop: ending what waits");
    this.#abort.abort();
  }
}
