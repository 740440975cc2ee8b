import type { AnyProvider } from "./core/provider.js";
import { musterProvider } from "./provider.js";
import type { MusterClient } from "./resources/ports.js";
import { VERSION } from "./version.js";
import { runProvider } from "./wire/program.js";

runProvider(musterProvider(process.env) as AnyProvider<MusterClient>, VERSION);
