import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildProvider } from "../../../scripts/build/provider.js";

/** The current provider, or the one that `entry` starts, built into the test's own mirror. */
export interface TestMirror {
  readonly folder: string;
  readonly program: string;
  remove(): Promise<void>;
}

export async function buildTestMirror(entry?: string): Promise<TestMirror> {
  const folder = await mkdtemp(join(tmpdir(), "muster-mirror-"));
  const program = await buildProvider(resolve(__dirname, "../../.."), folder, entry);
  return { folder, program, remove: () => rm(folder, { recursive: true, force: true }) };
}
