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

/** How a program is cut into parts. */
export interface PartOptions extends Omit<BuildOptions, "entryPoints"> {
  /** The program's first file. */
  readonly entryPoints: readonly [string];
  /**
   * Files that are parts of their own, by the part's name: what several parts share would else be in one part with all else that the same parts
   * share, and be loaded with it.
   */
  readonly apart?: Readonly<Record<string, string>>;
  /** Those of them that each start needs, by name. */
  readonly first?: readonly string[];
}

/**
 * A program as parts, which are compiled when something of them is first used, be it imported statically or dynamically; what several parts share is a
 * part of its own. As one text the whole of it would be read and parsed at every start, which takes longer than most commands run. So no part may
 * rely on what another does while it is loaded, unless it imports that part for this alone. The same sources give the same parts, in the same order.
 */
export async function bundleParts({
  entryPoints: [main],
  apart = {},
  first = [],
  ...options
}: PartOptions): Promise<readonly Part[]> {
  const { outputFiles = [], metafile } = await build({
    ...options,
    entryPoints: { ...apart, [MAIN]: main },
    write: false,
    metafile: true,
    bundle: true,
    format: "esm",
    splitting: true,
    platform: "node",
    outdir: "parts",
    entryNames: "[name]",
    chunkNames: "[hash]",
  });
  const needed = neededParts(metafile?.outputs ?? {}, [MAIN, ...first]);
  const parts = await Promise.all(
    outputFiles.map(async (file) => {
      const name = basename(file.path);
      return { name, code: await compilePart(file, options.target ?? "esnext"), isNeeded: needed.has(name) };
    }),
  );
  return parts.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The parts that the first ones import, and those import: not those that are imported dynamically. */
function neededParts(outputs: Metafile["outputs"], first: readonly string[]): ReadonlySet<string> {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const { path, kind } of byName.get(name)?.imports ?? []) {
      if (kind === "import-statement" && byName.has(basename(path))) add(basename(path));
    }
  };
  for (const name of first) add(`${name}.js`);
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
 * of that name, which has the text of a part that is an array [start, length] in `parts`. `before` runs before the program's first part: it may
 * put another function in place of `compile`.
 */
export const renderLoader = (parts: readonly string[], read: string, before = ""): string => `const parts = {
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
let compile = (_name, source, filename) =>
  require("node:vm").compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"], { filename });
load.later = (name) => loaded.has(name.slice(2)) ? load(name) : later(name, load);
function load(name) {
  const known = name.startsWith("./") ? name.slice(2) : name;
  if (!Object.hasOwn(parts, known)) return slow.has(name.replace(/^node:/, "")) ? later(name, require) : require(name);
  const there = loaded.get(known);
  if (there !== undefined) return there.exports;
  const part = { exports: {} }, held = parts[known];
  loaded.set(known, part);
  const source = typeof held === "string" ? held : read(held);
  compile(known, source, __filename + "/" + known)(part.exports, load, part, __filename, __dirname);
  return part.exports;
}
${before}load("${FIRST_PART}");`;
