import { join } from "node:path";
import { discoverEmulator } from "../../setup/discover.js";
import { type Service, startService } from "../../system/service.js";

/** A running emulator, which keeps everything in memory. */
export interface RunningEmulator extends Pick<Service<number>, "pid" | "ended" | "stop"> {
  readonly url: string;
  readonly port: number;
}

/** Where it writes (append) and how long to wait for it. */
export interface EmulatorOptions {
  readonly logFile?: string;
  /** Machine images that exist from the start, instead of the emulator's samples: see images.ts. */
  readonly imagesFile?: string;
  /** Default 120: a cold Python import takes several seconds, and half a minute on a busy machine. */
  readonly timeoutSeconds?: number;
}

const LISTENING = /Running on http:\/\/127\.0\.0\.1:(\d+)/;

/**
 * Starts the AWS emulator on a free loopback port and waits until it listens. The emulator picks the port itself, so no other
 * process can take it in between. Fails with the end of its output if it does not start.
 */
export async function startEmulator({
  imagesFile,
  timeoutSeconds = 120,
  ...output
}: EmulatorOptions = {}): Promise<RunningEmulator> {
  const { ready: port, ...service } = await startService(
    [...discoverEmulator().argv, "-H", "127.0.0.1", "-p", "0"],
    {
      name: "The AWS emulator",
      env: {
        ...process.env,
        MOTO_IAM_LOAD_MANAGED_POLICIES: "true",
        PYTHONUNBUFFERED: "1",
        // See python/sitecustomize.py there.
        PYTHONPATH: join(import.meta.dirname, "python"),
        // Without assertions: one of them fails for every launch from a later version of a launch template with user data.
        PYTHONOPTIMIZE: "1",
        ...(imagesFile === undefined ? {} : { MOTO_AMIS_PATH: imagesFile }),
      },
      readReady: (line) => {
        const match = LISTENING.exec(line);
        return match === null ? null : Number(match[1]);
      },
      timeoutSeconds,
      ...output,
    },
  );
  return { ...service, url: `http://127.0.0.1:${port}`, port };
}
