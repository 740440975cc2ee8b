import { basename } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { type BuildOptions, build, type Metafile, type OutputFile, transform } from "esbuild";

/** A part below this size is not worth unpacking. */
const SMALL_CHARS = 4_000;

interface Part {
  readonly name: string;
  readonly code: string;
  /** Whether each start needs it. */
  readonly isNeeded: boolean;
}

/**
 * A program as one file whose parts are compiled when something of them is first used, be it imported statically or dynamically. As plain code the
 * whole of it would be read and parsed at every start, which takes longer than most commands run. So no part may rely on what another does
 * while it is loaded, unless it imports that part for this alone. `options` has one entry point. The same sources give the same bytes.
 */
export async function bundleLazily(options: BuildOptions, header: string): Promise<Buffer> {
  const { outputFiles = [], metafile } = await build({
    ...options,
    write: false,
    metafile: true,
    bundle: true,
    format: "esm",
    splitting: true,
    platform: "node",
    outdir: "parts",
    entryNames: MAIN,
    chunkNames: "[hash]",
  });
  const needed = neededParts(metafile?.outputs ?? {});
  const parts = await Promise.all(
    outputFiles.map(async (file) => {
      const name = basename(file.path);
      return { name, code: await compilePart(file, options.target ?? "esnext"), isNeeded: needed.has(name) };
    }),
  );
  return joinParts(
    parts.sort((a, b) => (a.name < b.name ? -1 : 1)),
    header,
  );
}

const MAIN = "main";

/** The parts that the first one imports, and those import: not those that are imported dynamically. */
function neededParts(outputs: Metafile["outputs"]): ReadonlySet<string> {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const { path, kind } of byName.get(name)?.imports ?? []) {
      if (kind === "import-statement" && byName.has(basename(path))) add(basename(path));
    }
  };
  add(`${MAIN}.js`);
  return needed;
}

async function compilePart(file: OutputFile, target: NonNullable<BuildOptions["target"]>): Promise<string> {
  const { code } = await transform(file.text, {
    format: "cjs",
    target,
    platform: "node",
    minify: true,
    // Parts require each other: a file has no folder to import from.
    supported: { "dynamic-import": false },
    legalComments: "eof",
  });
  return code.replaceAll(/(?<==)require\("\.\//g, 'require.later("./');
}

/** What each start needs, and what is small, is a text of the program. The rest is compressed in its last comment, and read from the file. */
function joinParts(parts: readonly Part[], header: string): Buffer {
  const packed: string[] = [];
  let at = 0;
  const entries = parts.map(({ name, code, isNeeded }) => {
    if (isNeeded || code.length < SMALL_CHARS) return `${JSON.stringify(name)}:${JSON.stringify(code)}`;
    const text = brotliCompressSync(code).toString("base64");
    packed.push(text);
    at += text.length;
    return `${JSON.stringify(name)}:[${at - text.length},${text.length}]`;
  });
  const program = `${header}\n${LOADER.replace("PARTS", () => `{\n${entries.join(",\n")}\n}`)}\n/*`;
  const start = Buffer.byteLength(program) - START_MARK.length + START_DIGITS;
  return Buffer.from(
    `${program.replace(START_MARK, () => String(start).padStart(START_DIGITS))}${packed.join("")}*/\n`,
  );
}

/** Where the compressed parts begin, in a field of fixed width: it does not move what it counts. */
const START_MARK = "@START@";
const START_DIGITS = 9;

/** Modules of Node.js that take milliseconds to load. Each is loaded when something of it is used. */
const SLOW_BUILT_INS = [
  "child_process",
  "crypto",
  "dns",
  "fs/promises",
  "http",
  "https",
  "net",
  "os",
  "readline",
  "timers/promises",
  "tls",
  "zlib",
];

/** What finds a part by its name, compiles it once, and else requires as the program would. */
const LOADER = `const parts = PARTS, loaded = new Map();
function read([at, length]) {
  const { openSync, readSync, closeSync } = require("node:fs"), bytes = Buffer.alloc(length), file = openSync(__filename);
  try { readSync(file, bytes, 0, length, ${START_MARK} + at); } finally { closeSync(file); }
  return require("node:zlib").brotliDecompressSync(Buffer.from(bytes.toString("latin1"), "base64")).toString();
}
const slow = new Set(${JSON.stringify(SLOW_BUILT_INS)});
function later(name, take) {
  let there;
  const its = () => (there ??= take(name));
  return new Proxy({}, {
    get: (_, key) => its()[key],
    has: (_, key) => key in its(),
    ownKeys: () => Reflect.ownKeys(its()),
    getOwnPropertyDescriptor: (_, key) => {
      const found = Object.getOwnPropertyDescriptor(its(), key);
      return found && { ...found, configurable: true };
    },
  });
}
load.later = (name) => loaded.has(name.slice(2)) ? load(name) : later(name, load);
function load(name) {
  const known = name.startsWith("./") ? name.slice(2) : name;
  if (!Object.hasOwn(parts, known)) return slow.has(name.replace(/^node:/, "")) ? later(name, require) : require(name);
  const there = loaded.get(known);
  if (there !== undefined) return there.exports;
  const part = { exports: {} }, held = parts[known];
  loaded.set(known, part);
  const source = typeof held === "string" ? held : read(held);
  require("node:vm").compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"], { filename: __filename + "/" + known })(part.exports, load, part, __filename, __dirname);
  return part.exports;
}
load("main.js");`;
