import type { MusterClient } from "./client/ports.js";
import type { AnyProvider } from "./core/provider.js";
import { musterProvider } from "./provider.js";
import { preparedAnswers } from "./wire/calls.js";

/** What Terraform asks at every start. The build runs this, and the program has the answers' bytes instead. */
export const prepared = (): Promise<Readonly<Record<string, Uint8Array>>> =>
  preparedAnswers(musterProvider({}) as AnyProvider<MusterClient>);
