import { startEmulator as start } from "../../scripts/local/emulator/start.js";

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
  stop(): Promise<void>;
}

const REGION = "us-east-1";

/** Starts one; bounded (30 s), fails with the emulator's own output. Each call gives a new, empty cloud. */
export async function startEmulator(): Promise<TestEmulator> {
  const emulator = await start();
  return {
    url: emulator.url,
    env: {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_MAX_ATTEMPTS: "2",
    },
    client: {
      endpoint: emulator.url,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 2,
    },
    stop: emulator.stop,
  };
}
