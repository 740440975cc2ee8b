import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import type { AccessPoint, CloudView } from "../view.js";

const LINKS = ".access-points";

/**
 * Makes the EFS folder match the account: a folder per file system, a link per access point, root directories made with their
 * owner on first use. Deletes what the account no longer has, with its contents. May run twice.
 */
export function applyEfs(folder: string, view: Pick<CloudView, "fileSystemIds" | "accessPoints">): void {
  const links = join(folder, LINKS);
  mkdirSync(links, { recursive: true });
  chmodSync(folder, 0o700);
  for (const id of view.fileSystemIds) makeRootsFolder(join(folder, id));
  const accessPoints = view.accessPoints.filter(({ fileSystemId }) =>
    view.fileSystemIds.includes(fileSystemId),
  );
  for (const accessPoint of accessPoints) applyAccessPoint(folder, accessPoint);
  const keptLinks = new Set(accessPoints.map(({ id }) => id));
  for (const id of readdirSync(links).filter((name) => !keptLinks.has(name))) rmSync(join(links, id));
  const kept = new Set([LINKS, ...view.fileSystemIds]);
  for (const id of readdirSync(folder).filter((name) => !kept.has(name))) {
    rmSync(join(folder, id), { recursive: true });
  }
}

function applyAccessPoint(folder: string, { id, fileSystemId, path, creation }: AccessPoint): void {
  const fileSystem = realpathSync(join(folder, fileSystemId));
  const target = join(fileSystem, normalize(`/${path}`));
  // Nodes write into the file system, even links: never follow one out of it.
  const real = realpathSync(nearestExisting(target));
  if (real !== fileSystem && !real.startsWith(`${fileSystem}/`)) {
    throw new Error(`The root directory ${path} of access point ${id} leads out of ${fileSystemId}.`);
  }
  if (!existsSync(target)) {
    if (creation === null) return;
    const between = relative(fileSystem, dirname(target)).split("/");
    between.forEach((_, index) => {
      makeRootsFolder(join(fileSystem, ...between.slice(0, index + 1)));
    });
    // Made under another name until it has its owner: otherwise a half-made folder would look like a finished one.
    mkdirSync(target, { mode: 0o700 });
    chownSync(target, creation.uid, creation.gid);
    chmodSync(target, creation.mode);
  }
  const link = join(folder, LINKS, id);
  rmSync(link, { force: true });
  symlinkSync(join("..", fileSystemId, normalize(`/${path}`)), link);
}

/** As EFS makes a file system's root and the folders above an access point's: owned by root, readable by all. */
function makeRootsFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path);
  // Independent of the umask.
  chmodSync(path, 0o755);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
