import { basename } from "node:path";
import { type BuildOptions, build, type Metafile, type OutputFile, transform } from "esbuild";

/** A part of a program, which is compiled when it is first used. Parts require each other by their names. */
export interface Part {
  readonly name: string;
  readonly code: string;
  /** Whether each start needs it. */
  readonly isNeeded: boolean;
}

const MAIN = "main";
/** The part that a program starts with. */
export const FIRST_PART = `${MAIN}.js`;

/**
 * A program as parts, which are compiled when something of them is first used, be it imported statically or dynamically; what several parts share is a
 * part of its own. As one text the whole of it would be read and parsed at every start, which takes longer than most commands run. So no part may
 * rely on what another does while it is loaded, unless it imports that part for this alone. `options` has one entry point. The same sources give
 * the same parts, in the same order.
 */
export async function bundleParts(options: BuildOptions): Promise<readonly Part[]> {
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
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

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
  add(FIRST_PART);
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

/**
 * What starts the program: it finds a part by its name, compiles it once, and else requires as the program would. `read` defines the function
 * of that name, which has the text of a part that is an array [start, length] in `parts`.
 */
export const renderLoader = (parts: readonly string[], read: string): string => `const parts = {
${parts.join(",\n")}
}, loaded = new Map();
${read}
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
load("${FIRST_PART}");`;
