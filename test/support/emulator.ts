import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator as startMoto } from "../../scripts/local/emulator/start.js";
import type { FaultRule } from "../../scripts/local/gateway/faults.js";
import { type GatewayOptions, startGateway } from "../../scripts/local/gateway/server.js";
import type { ImageContents } from "../../scripts/local/gateway/supplements/images/records.js";

/** An emulated AWS of the test's own: empty, region us-east-1, any credentials. Stop it in afterAll. */
export interface TestEmulator {
  readonly url: string;
  /** What programs under test need in their environment to talk to it, and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** For `new XClient(emulator.client)`. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** The operations that were called and answered without an error so far, as "ec2.RunInstances". */
  readonly calls: ReadonlySet<string>;
  /** Those that were called while `work` ran. */
  callsOf(work: () => Promise<unknown>): Promise<ReadonlySet<string>>;
  /** The calls so far, and what it has taken over them, as if they had come one after the other. */
  spent(): { readonly calls: number; readonly ms: number };
  /** What GetConsoleOutput reads: write an instance's console log here. */
  consoleLogPath(instanceId: string): string;
  /** Makes the operation fail, or slow, or short of capacity, until `clearFaults`. */
  injectFault(rule: FaultRule): Promise<void>;
  clearFaults(): Promise<void>;
  stop(): Promise<void>;
}

const REGION = "us-east-1";

/** One that runs, whatever program it is: `serveTests` puts the gateway in front of it. */
export interface RunningProgram {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts one; bounded (2 minutes), fails with the emulator's own output. Each call gives a new, empty cloud; `images` (see
 * renderImages) are its AMIs, by default the emulator's own selection of Amazon's; `quotas` those of the account, by default room for all;
 * `contents` fill its own images, by default nothing does.
 */
export async function startEmulator({
  images,
  quotas,
  contents,
}: {
  images?: string;
  quotas?: Readonly<Record<string, number>>;
  contents?: ImageContents;
} = {}): Promise<TestEmulator> {
  const folder = await mkdtemp(join(tmpdir(), "muster-emulator-"));
  const imagesFile = join(folder, "images.json");
  if (images !== undefined) await writeFile(imagesFile, images);
  const moto = await startMoto(images === undefined ? {} : { imagesFile });
  return serveTests(moto, folder, {
    ...(quotas === undefined ? {} : { quotas }),
    ...(contents === undefined ? {} : { images: contents }),
  });
}

/**
 * The emulator as tests see it: behind a gateway, which injects their faults and fills the emulator's gaps by `options.supplements`
 * (default: moto's). `folder` is its own, and goes with it.
 */
export async function serveTests(
  emulator: RunningProgram,
  folder: string,
  options: Pick<GatewayOptions, "supplements" | "quotas" | "images"> = {},
): Promise<TestEmulator> {
  const consoleLogPath = (instanceId: string): string => join(folder, `${instanceId}.log`);
  const calls = new Set<string>();
  const listening = new Set([calls]);
  let spent = { calls: 0, ms: 0 };
  const { url, stop } = await startGateway({
    emulatorPort: emulator.port,
    consoleLogPath,
    log: ({ operation: { service, action }, status, ms }) => {
      spent = { calls: spent.calls + 1, ms: spent.ms + ms };
      if (status < 400) for (const heard of listening) heard.add(`${service}.${action}`);
    },
    ...options,
  });

  async function control(method: string, body?: unknown): Promise<void> {
    const reply = await fetch(`${url}/_local/faults`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!reply.ok) throw new Error(`${method} /_local/faults: ${await reply.text()}`);
  }

  return {
    url,
    calls,
    spent: () => spent,
    async callsOf(work) {
      const heard = new Set<string>();
      listening.add(heard);
      try {
        await work();
      } finally {
        listening.delete(heard);
      }
      return heard;
    },
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_MAX_ATTEMPTS: "2",
    },
    client: {
      endpoint: url,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 2,
    },
    consoleLogPath,
    injectFault: (rule) => control("POST", rule),
    clearFaults: () => control("DELETE"),
    async stop() {
      await stop();
      await emulator.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
