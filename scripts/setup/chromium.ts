import { findOnPath } from "../system/find-on-path.js";
import { installDebianPackage } from "./debian-package.js";

/** Browsers that the tests can drive, by preference. On Ubuntu `chromium` is a snap, which a root without a session can't start. */
const NAMES = ["google-chrome-stable", "google-chrome", "chromium"] as const;
/** 100 MB of downloads. */
const INSTALL_TIMEOUT_SECONDS = 600;

type Environment = Readonly<Record<string, string | undefined>>;

/** The browser's path: MUSTER_CHROMIUM, else the first on PATH. Throws where there is none. */
export function discoverChromium(environment: Environment = process.env): string {
  const found = findChromium(environment);
  if (found !== undefined) return found;
  throw new Error(
    "There is no Chromium or Chrome on this machine. Run ./scripts/test integration, which installs it, or set MUSTER_CHROMIUM to the path of one.",
  );
}

const findChromium = (environment: Environment): string | undefined =>
  environment["MUSTER_CHROMIUM"] ||
  NAMES.map((name) => findOnPath(name, environment)).find((path) => path !== undefined);

/**
 * Installs Debian's Chromium, unless the machine has a browser. Only the tests of notebooks and of the console use it: `setUp` does without. Throws
 * where apt has none. Bounded to ten minutes for each try.
 */
export async function provideChromium(say: (line: string) => void): Promise<void> {
  if (findChromium(process.env) !== undefined) return;
  say("browser: installing chromium (a minute)");
  await installDebianPackage("chromium", INSTALL_TIMEOUT_SECONDS);
}
