import type { MusterClient } from "./client/ports.js";
import { VERSION } from "./client/version.js";
import type { AnyProvider } from "./core/provider.js";
import { musterProvider } from "./provider.js";
import { runProvider } from "./wire/program.js";

runProvider(musterProvider(process.env) as AnyProvider<MusterClient>, VERSION);
