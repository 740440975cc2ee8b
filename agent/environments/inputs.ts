import { because } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import type { PreparationFailure } from "../jobs/ports.js";
import { sourceTopOf } from "../jobs/working-folder.js";
import type { EnvironmentInputs } from "./key.js";
import { ENVIRONMENT_LIMITS } from "./limits.js";
import type { EnvironmentFiles, RequirementsPlace } from "./ports.js";
import {
  folderOfPath,
  pathFrom,
  projectReferences,
  type References,
  referencesOf,
} from "./requirements-file.js";

const PROJECT_FILE = "pyproject.toml";
/** Of a project that is not what is installed: it is read for uv's settings only. */
const UV_SETTINGS = /\btool\.uv\b/;

type Reader = Pick<EnvironmentFiles, "read" | "digest">;
const refused = (reason: string): PreparationFailure => ({
  ...because("requirements-failed", reason),
  lines: [],
});

/** The job's requirements file: the folder that it is in, and its name there. Pure. */
export function requirementsPlace(job: JobItem, requirements: string): RequirementsPlace {
  const folder = folderOfPath(requirements);
  const top = sourceTopOf(job);
  return {
    folder: folder === "" ? top : `${top}/${folder}`,
    file: requirements.slice(folder === "" ? 0 : folder.length + 1),
  };
}

/** Reads all that the environment of the requirements follows from, or why they can't be installed. */
export async function readInputs(
  { folder, file }: RequirementsPlace,
  image: string,
  reader: Reader,
  signal: AbortSignal,
): Promise<EnvironmentInputs | PreparationFailure> {
  const files = new Map<string, string>();
  const paths = new Set<string>();
  const waiting = [file];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    signal.throwIfAborted();
    if (files.has(name)) continue;
    if (files.size >= ENVIRONMENT_LIMITS.files)
      return refused(`${file} includes more than ${ENVIRONMENT_LIMITS.files} files`);
    const text = await reader.read(pathFrom(folder, name));
    if (text === null) return refused(`the source has no file ${name} (in ${folder})`);
    files.set(name, text);
    const { lists, paths: found } = referencesIn(name, text);
    waiting.push(...lists.map((path) => pathFrom(folderOfPath(name), path)));
    // As uv looks for them: some from the folder that it runs in, others from that of the file that names them.
    for (const path of found) paths.add(path).add(pathFrom(folderOfPath(name), path));
  }
  await readSettings(folder, file, files, reader);
  const packages = paths.size === 0 ? null : await reader.digest(folder, [...paths].sort(), signal);
  return { files, packages, image };
}

const referencesIn = (name: string, text: string): References =>
  name.endsWith(PROJECT_FILE) ? projectReferences(text) : referencesOf(text);

/** What uv reads beside the requirements: a lock, and its settings. */
async function readSettings(
  folder: string,
  file: string,
  files: Map<string, string>,
  reader: Reader,
): Promise<void> {
  const isProject = file === PROJECT_FILE;
  for (const name of ["uv.toml", isProject ? "uv.lock" : PROJECT_FILE]) {
    const text = await reader.read(pathFrom(folder, name));
    if (text === null || (name === PROJECT_FILE && !UV_SETTINGS.test(text))) continue;
    files.set(name, text);
  }
}
