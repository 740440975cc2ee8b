import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNT_ID } from "../../scripts/local/emulator/images.js";
import { discoverMinistack } from "../../scripts/setup/ministack.js";
import { startService } from "../../scripts/system/service.js";
import { serveTests, type TestEmulator } from "./emulator.js";
import { ministackSupplements } from "./ministack-supplements.js";

const LISTENING = /Running on http:\/\/127\.0\.0\.1:(\d+)/;
const START_TIMEOUT_SECONDS = 120;

/**
 * Starts the second emulator on a free loopback port, which it picks itself; bounded (2 minutes), fails with its own output. The
 * gateway in front of it adds faults and its own supplements, none of moto's. Each call gives a new, empty cloud in us-east-1.
 */
export async function startMinistack(): Promise<TestEmulator> {
  const folder = await mkdtemp(join(tmpdir(), "muster-ministack-"));
  const { ready: port, stop } = await startService([discoverMinistack()], {
    name: "The second AWS emulator",
    env: {
      ...process.env,
      // By default it listens on every address.
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: "0",
      MINISTACK_ACCOUNT_ID: ACCOUNT_ID,
      STATE_DIR: join(folder, "state"),
      TMPDIR: folder,
      PYTHONUNBUFFERED: "1",
    },
    readReady: (line) => {
      const match = LISTENING.exec(line);
      return match === null ? null : Number(match[1]);
    },
    timeoutSeconds: START_TIMEOUT_SECONDS,
  });
  return serveTests({ port, stop }, folder, { supplements: ministackSupplements(port) });
}
