import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";
import { cacheFolder, isOwnAlone } from "../core/cache-place.js";
import {
  type CompiledPart,
  isWhole,
  LENGTH_DIGITS,
  listBytes,
  MAX_STORE_BYTES,
  parseList,
  renderStore,
  type StoredPart,
} from "../core/code-store.js";

/** Gives the function of a part's text. */
type Compile = (name: string, source: string, filename: string) => PartFunction;
type PartFunction = (
  exports: object,
  require: unknown,
  module: object,
  filename: string,
  folder: string,
) => void;

/** What another version has left, and nothing has used for so long, goes. */
const KEPT_DAYS = 30;
const DAY_MS = 86_400_000;
/** A file of this, or its draft. */
const OURS = /^[0-9a-f]{8}\.code(?:\.\d+)?$/;

/**
 * Compiles with what earlier starts have kept: two thirds of a start's own time are the compiler's. The folder is the user's own alone: a root that works
 * with another's HOME, and a user whose cache others can write, get null, as does who can't be told from others. No error of a file comes out of this.
 */
export function useCodeCache(program: string): Compile | null {
  try {
    const user = ownUser();
    const folder = user === null ? null : ownFolder(user);
    if (user === null || folder === null || typeof crc32 !== "function") return null;
    const { version, arch, platform, execArgv, env } = process;
    // V8 compiles otherwise with other flags.
    const flags = crc32(JSON.stringify([execArgv, env["NODE_OPTIONS"]]));
    const key = JSON.stringify([program, version, arch, platform, flags]);
    return compileWith(openStore(folder, key, user));
  } catch {
    return null;
  }
}

/** Null where a system has no users, and for a program that acts as another than who started it. */
function ownUser(): number | null {
  const user = process.geteuid?.() ?? null;
  return user === process.getuid?.() ? user : null;
}

/** Makes it where what is above it is the user's. */
function ownFolder(user: number): string | null {
  const place = cacheFolder(process.env);
  if (place === null || statSync(place.above).uid !== user) return null;
  const folder = `${place.base}/muster`;
  // Not both at once: where a folder can't be made, as in /proc, Node.js may try forever.
  for (const made of [place.base, folder]) if (!existsSync(made)) mkdirSync(made, { mode: 0o700 });
  const found = lstatSync(folder);
  return found.isDirectory() && isOwnAlone(found, user) ? folder : null;
}

function compileWith(store: Store): Compile {
  const scripts = new Map<string, Script>();
  let isNew = false;
  process.once("exit", () => {
    if (isNew) store.keep([...scripts].map(([name, script]) => ({ name, code: script.createCachedData() })));
  });
  return (name, source, filename) => {
    const cachedData = store.read(name);
    const text = `(function(exports,require,module,__filename,__dirname){${source}\n})`;
    const script = new Script(text, { filename, ...(cachedData === null ? {} : { cachedData }) });
    if (script.cachedDataRejected !== false) isNew = true;
    scripts.set(name, script);
    return script.runInThisContext() as PartFunction;
  };
}

interface Store {
  /** A part's compiled code; null: it has none that is whole. */
  read(name: string): Buffer | null;
  /** Keeps these beside the others that there are. Tells of no error. */
  keep(parts: readonly CompiledPart[]): void;
}

function openStore(folder: string, key: string, user: number): Store {
  const name = `${crc32(key).toString(16).padStart(8, "0")}.code`;
  const file = openOwn(`${folder}/${name}`, user);
  const stored = file === null ? new Map<string, StoredPart>() : readList(file, key);
  const read = (part: string): Buffer | null => {
    const place = stored.get(part);
    if (file === null || place === undefined || place.at + place.bytes > file.bytes) return null;
    const code = readAt(file.descriptor, place.at, place.bytes);
    return isWhole(code, place) ? code : null;
  };
  return {
    read,
    keep(parts) {
      try {
        const fresh = new Set(parts.map((part) => part.name));
        const others = [...stored.keys()].flatMap((part) => {
          const code = fresh.has(part) ? null : read(part);
          return code === null ? [] : [{ name: part, code }];
        });
        writeWhole(`${folder}/${name}`, renderStore(key, [...parts, ...others]));
        removeOld(folder, name);
      } catch {
        // The next start compiles again.
      }
    },
  };
}

interface OpenFile {
  readonly descriptor: number;
  readonly bytes: number;
}

/** Null where it is not there, or may be another's. What is open stays so until the process ends. */
function openOwn(path: string, user: number): OpenFile | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  const found = fstatSync(descriptor);
  if (found.isFile() && isOwnAlone(found, user) && found.size <= MAX_STORE_BYTES)
    return { descriptor, bytes: found.size };
  closeSync(descriptor);
  return null;
}

function readList({ descriptor, bytes }: OpenFile, key: string): ReadonlyMap<string, StoredPart> {
  const length = listBytes(readAt(descriptor, 0, LENGTH_DIGITS).toString("latin1"));
  if (length === null || LENGTH_DIGITS + length > bytes) return new Map();
  return parseList(readAt(descriptor, LENGTH_DIGITS, length).toString(), key);
}

function readAt(descriptor: number, at: number, bytes: number): Buffer {
  // Of its own memory: V8 copies what does not begin at a multiple of eight.
  const read = Buffer.allocUnsafeSlow(bytes);
  return read.subarray(0, readSync(descriptor, read, 0, bytes, at));
}

/** Another start reads the old file or the new one. */
function writeWhole(path: string, content: Buffer): void {
  if (content.length > MAX_STORE_BYTES) return;
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function removeOld(folder: string, kept: string): void {
  const oldMs = Date.now() - KEPT_DAYS * DAY_MS;
  for (const name of readdirSync(folder))
    if (OURS.test(name) && name !== kept && lstatSync(`${folder}/${name}`).mtimeMs < oldMs)
      rmSync(`${folder}/${name}`);
}
