import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildCheckout } from "../../../scripts/build/build-all.js";
import { buildProvider, MIRROR, programIn } from "../../../scripts/build/provider.js";

/** A provider in the test's own mirror. */
export interface TestMirror {
  readonly folder: string;
  readonly program: string;
  remove(): Promise<void>;
}

const ROOT = resolve(__dirname, "../../..");

/** The provider that `entry` starts, built; without one the checkout's, which is built where it is stale: to build takes seconds. */
export async function buildTestMirror(entry?: string): Promise<TestMirror> {
  const folder = await mkdtemp(join(tmpdir(), "muster-mirror-"));
  const program = await (entry === undefined ? copyProvider(folder) : buildProvider(ROOT, folder, entry));
  return { folder, program, remove: () => rm(folder, { recursive: true, force: true }) };
}

async function copyProvider(folder: string): Promise<string> {
  await buildCheckout(ROOT);
  await cp(join(ROOT, MIRROR), folder, { recursive: true });
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as { version: string };
  return programIn(folder, version);
}
