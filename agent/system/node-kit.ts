import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { NodeKit } from "../jobs/node-facts.js";
import { run } from "./run.js";
import { unlessMissing } from "./unless-missing.js";

/** What the image's recipe writes last: every package with its version. */
const PACKAGE_LISTS = ["/usr/lib/muster/packages", "/usr/lib/muster/python-packages"];
const MPIEXEC = "/usr/bin/mpiexec";
const VERSION_TIMEOUT_MS = 2_000;

/**
 * Reads what is to be the same on all nodes of a job: a digest of the image's lists of packages, and the version of MPI. Each is read
 * again only where its files have changed.
 */
export function createNodeKit(
  lists: readonly string[] = PACKAGE_LISTS,
  mpiexec: string = MPIEXEC,
): () => Promise<NodeKit> {
  const image = unlessUnchanged(lists, () => digestOf(lists));
  const runtime = unlessUnchanged([mpiexec], () => versionOf(mpiexec));
  return async () => {
    const [imageNow, runtimeNow] = await Promise.all([image(), runtime()]);
    return { image: imageNow, runtime: runtimeNow };
  };
}

/** The value as it was read when the files were last seen to have changed. */
function unlessUnchanged(paths: readonly string[], read: () => Promise<string | null>) {
  let seen: { readonly state: string; readonly value: string | null } | null = null;
  const stateOf = async (path: string): Promise<string> => {
    const found = await stat(path).catch(unlessMissing);
    return found === null ? "none" : `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
  };
  return async (): Promise<string | null> => {
    const state = (await Promise.all(paths.map(stateOf))).join();
    if (seen?.state !== state) seen = { state, value: await read() };
    return seen.value;
  };
}

async function digestOf(paths: readonly string[]): Promise<string | null> {
  const texts = await Promise.all(paths.map((path) => readFile(path).catch(unlessMissing)));
  if (texts.some((text) => text === null)) return null;
  const digest = createHash("sha256");
  for (const text of texts) digest.update(text ?? "");
  return `sha256:${digest.digest("hex").slice(0, 16)}`;
}

/** "MPICH 5.0.2", from what mpiexec says of itself; null: it does not run. */
async function versionOf(mpiexec: string): Promise<string | null> {
  const said = await run(mpiexec, ["--version"], VERSION_TIMEOUT_MS).catch(() => "");
  const version = /^\s*Version:\s*(\S{1,100})/m.exec(said)?.[1];
  return version === undefined ? null : `MPICH ${version}`;
}
