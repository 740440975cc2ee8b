import type { Config, Schema } from "../../core/types.js";
import { checkConfig } from "../../core/validate.js";
import { failed, toWireDiagnostics } from "../diagnostics.js";
import type { ConfigRequest, DiagnosticsResponse } from "../messages.js";
import type { PluginSession } from "../session.js";
import { decodeConfig } from "../value.js";

/** The provider itself: ValidateProviderConfig, ConfigureProvider, StopProvider. */
export function providerCalls<Client>(session: PluginSession<Client>) {
  const { provider, runtime } = session;
  return {
    ValidateProviderConfig: ({ config }: ConfigRequest): DiagnosticsResponse => {
      try {
        const value = decodeConfig(provider.schema, config);
        return { diagnostics: toWireDiagnostics(checkConfig(provider.schema, value)) };
      } catch (error) {
        return failed(error, "validate the provider's configuration");
      }
    },

    ConfigureProvider: async ({ config }: ConfigRequest): Promise<DiagnosticsResponse> => {
      try {
        const value = decodeConfig(provider.schema, config);
        const problems = checkConfig(provider.schema, value);
        if (problems.length > 0) return { diagnostics: toWireDiagnostics(problems) };
        session.configured(await provider.configure(value as Config<Schema>, runtime));
        return { diagnostics: [] };
      } catch (error) {
        return failed(error, "configure the provider");
      }
    },

    StopProvider: () => {
      session.stop();
      return { Error: "" };
    },
  };
}
