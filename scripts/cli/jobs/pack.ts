import { createHash } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import ignore, { type Ignore } from "ignore";
import { pack } from "tar-stream";
import type { BundleSource } from "../../../agent/contract/job-source.js";
import { shownValue } from "../../../agent/contract/problems.js";
import { SOURCE_LIMITS } from "../../../agent/contract/source-policy.js";
import { failure, unusable } from "../core/exit.js";
import type { FolderEntry, World } from "../core/world.js";

type Files = Pick<World, "readFile" | "listFolder">;

/** A folder that is ready to be sent. */
export interface PackedFolder {
  /** As typed. */
  readonly folder: string;
  readonly bundle: BundleSource;
  readonly fileCount: number;
  /** The bytes, made anew. They fail at their end if the folder has changed since. */
  open(): Readable;
}

/** A file to be packed. */
interface PackedFile {
  /** In the folder. */
  readonly path: string;
  readonly isProgram: boolean;
}

/** The .gitignore of a folder; `folder` is "" or ends in a slash. */
interface Rules {
  readonly folder: string;
  readonly rules: Ignore;
}

const MAX_LISTED = 10;
/** 2 GiB: a file is packed as one piece. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/**
 * Packs a folder as .tar.gz: what its .gitignore files leave, without .git. The same files give the same bytes wherever and whenever they are
 * packed: sorted, with no time and no owner, and of the mode only whether they may be executed. Throws CommandError that lists what can't be
 * packed.
 */
export async function packFolder(folder: string, world: Files): Promise<PackedFolder> {
  const files = findFiles(folder, world);
  const open = () => archiveOf(folder, files, world);
  const { sha256, bytes } = await measure(open(), folder);
  return {
    folder,
    bundle: { sha256, bytes },
    fileCount: files.length,
    open: () => sameAs(open(), sha256, folder),
  };
}

/** The files to pack, sorted by path. */
function findFiles(folder: string, world: Files): readonly PackedFile[] {
  const files: PackedFile[] = [];
  const problems: string[] = [];
  let bytes = 0;
  const visit = (inner: string, above: readonly Rules[]): void => {
    const entries = listed(`${folder}/${inner}`, world);
    const rules = entries.some(({ name, kind }) => name === ".gitignore" && kind === "file")
      ? [rulesOf(inner, folder, world), ...above]
      : above;
    for (const entry of entries) {
      const path = inner + entry.name;
      if (entry.name === ".git" || isIgnored(path, entry.kind === "folder", rules)) continue;
      if (entry.kind === "folder") visit(`${path}/`, rules);
      else if (entry.kind === "file") files.push({ path, isProgram: entry.isProgram });
      else problems.push(`${shownValue(path)} is ${entry.kind === "link" ? "a link" : "no plain file"}`);
      bytes += entry.kind === "file" ? entry.bytes : 0;
      if (files.length > SOURCE_LIMITS.files || bytes > SOURCE_LIMITS.bytes) throw tooLarge(folder);
    }
  };
  visit("", []);
  if (problems.length > 0) throw unpackable(folder, problems);
  if (files.length === 0) throw unusable([`${folder} has no file to send`]);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function listed(path: string, { listFolder }: Files): readonly FolderEntry[] {
  try {
    return listFolder(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const shown = path.replace(/\/$/, "");
    if (code === "ENOENT" || code === "ENOTDIR") throw unusable([`${shown} is no folder`]);
    throw unusable([`${shown} can't be read: ${message}`]);
  }
}

const rulesOf = (inner: string, folder: string, { readFile }: Files): Rules => ({
  folder: inner,
  rules: ignore().add(Buffer.from(readFile(`${folder}/${inner}.gitignore`)).toString("utf8")),
});

/** As Git decides: the .gitignore that is nearest to the file and says something of it. `rules`: the nearest first. */
function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  for (const { folder, rules: own } of rules) {
    const { ignored, unignored } = own.test(path.slice(folder.length) + (isFolder ? "/" : ""));
    if (ignored || unignored) return ignored;
  }
  return false;
}

function archiveOf(folder: string, files: readonly PackedFile[], { readFile }: Files): Readable {
  const archive = pack();
  const fill = async () => {
    for (const { path, isProgram } of files) {
      const content = contentOf(`${folder}/${path}`, readFile);
      const header = {
        name: path,
        size: content.length,
        mode: isProgram ? 0o755 : 0o644,
        mtime: new Date(0),
      };
      const entry = archive.entry(header);
      if (!entry.write(content)) await once(entry, "drain");
      entry.end(undefined);
    }
    archive.finalize();
  };
  fill().catch((error: Error) => archive.destroy(error));
  // Its own streams are not Node.js's.
  const bytes = Readable.from(archive, { objectMode: false });
  const zipped = createGzip();
  bytes.once("error", (error) => zipped.destroy(error));
  return bytes.pipe(zipped);
}

function contentOf(path: string, readFile: World["readFile"]): Buffer {
  try {
    const { buffer, byteOffset, length } = readFile(path, MAX_FILE_BYTES);
    return Buffer.from(buffer, byteOffset, length);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_FS_FILE_TOO_LARGE") throw unusable([`${path} has more than 2 GiB. ${ELSEWHERE}`]);
    throw unusable([
      `${path} can't be read: ${message}. Give yourself the right to, or name it in .gitignore.`,
    ]);
  }
}

async function measure(archive: Readable, folder: string): Promise<BundleSource> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of archive) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > SOURCE_LIMITS.bundleBytes) throw tooLarge(folder);
  }
  return { sha256: hash.digest("hex"), bytes };
}

/** The same bytes; fails instead of ending if they are not those that were measured. */
function sameAs(archive: Readable, sha256: string, folder: string): Readable {
  async function* checked(): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    for await (const chunk of archive) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
    if (hash.digest("hex") !== sha256)
      throw failure(`${folder} has changed while it was sent, so no job was submitted. Try again.`);
  }
  return Readable.from(checked(), { objectMode: false });
}

const ELSEWHERE = "Name large data in .gitignore, and put it on /shared or into a bucket.";
const tooLarge = (folder: string) =>
  unusable([
    `${folder} is too large to be sent: at most ${SOURCE_LIMITS.files} files, and ${SOURCE_LIMITS.bundleBytes} bytes packed. ${ELSEWHERE}`,
  ]);

const unpackable = (folder: string, problems: readonly string[]) =>
  unusable([
    ...problems.slice(0, MAX_LISTED),
    ...(problems.length > MAX_LISTED ? [`and ${problems.length - MAX_LISTED} more`] : []),
    `Only plain files and folders of ${folder} can be sent: put files in their place, or name them in .gitignore.`,
  ]);
