import type { MusterClient } from "./client/ports.js";
import { VERSION } from "./client/version.js";
import type { AnyProvider } from "./core/provider.js";
import { runProvider } from "./wire/program.js";

runProvider({
  version: VERSION,
  prepared: async () => (await import("./prepared.js")).prepared(),
  provider: async () =>
    (await import("./provider.js")).musterProvider(process.env) as AnyProvider<MusterClient>,
});
