import { resolve } from "node:path";
import { startService } from "../../../scripts/system/service.js";
import { buildTestMirror } from "./mirror.js";

/** The provider in a process that outlives a run of Terraform. */
export interface AttachedProvider {
  /** What makes a run attach to it. */
  readonly env: { readonly TF_REATTACH_PROVIDERS: string };
  stop(): Promise<void>;
}

const START_TIMEOUT_SECONDS = 120;

/** Starts the provider as it is now, which sees AWS through `env`; bounded (2 minutes), fails with its own output. */
export async function startAttachedProvider(
  env: Readonly<Record<string, string>>,
): Promise<AttachedProvider> {
  const { program, remove } = await buildTestMirror("test/fixtures/provider/attached.ts");
  const { ready, stop } = await startService([program], {
    name: "The attached provider",
    cwd: resolve(program, ".."),
    env: { PATH: process.env["PATH"] ?? "", HOME: resolve(program, ".."), ...env },
    readReady: (line) => (line.startsWith("{") ? line : null),
    timeoutSeconds: START_TIMEOUT_SECONDS,
  });
  return {
    env: { TF_REATTACH_PROVIDERS: ready },
    async stop() {
      await stop();
      await remove();
    },
  };
}
