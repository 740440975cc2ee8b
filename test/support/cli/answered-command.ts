import { type AnsweringRegistry, startAnsweringRegistry } from "./answering-registry.js";
import { buildTestBundle, type TestBundle } from "./bundle.js";

/** The command as it is shipped, and a registry that answers it at once. Remove both in afterAll. */
export interface AnsweredCommand {
  readonly bundle: TestBundle;
  readonly registry: AnsweringRegistry;
  remove(): Promise<void>;
}

export async function startAnsweredCommand(): Promise<AnsweredCommand> {
  const [bundle, registry] = await Promise.all([buildTestBundle(), startAnsweringRegistry()]);
  return {
    bundle,
    registry,
    async remove() {
      await bundle.remove();
      await registry.stop();
    },
  };
}
