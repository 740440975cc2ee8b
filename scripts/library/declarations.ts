import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runProgram } from "../system/program.js";
import { bindingDeclarations } from "./binding-text.js";
import { rollUp } from "./roll-up.js";
import { typeOfSchema } from "./schema-text.js";

/** The entry points of the library: what `muster/<name>` has. */
export const LIBRARY = {
  stacks: "stacks/index",
  bindings: "provider/bindings/index",
} as const;

type LibraryEntry = keyof typeof LIBRARY;
export const LIBRARY_NAMES = Object.keys(LIBRARY) as readonly LibraryEntry[];

/** What of our sources the stacks' declarations are made from. */
const SOURCES = ["stacks", "agent/contract"] as const;
const COMPILE_SECONDS = 120;

/** One entry point's declarations, and the report of its public API. */
interface Declarations {
  readonly declarations: string;
  readonly report: string;
}

/**
 * The library's declarations as people read them in their editors: one file an entry point, every setting with its description. The
 * stacks are compiled against the bindings' declarations, so what is published fits together. Works in a folder of its own below the
 * system's; takes some seconds. Throws with the compiler's words.
 */
export async function declareLibrary(root: string): Promise<Readonly<Record<LibraryEntry, Declarations>>> {
  const stage = await mkdtemp(join(tmpdir(), "muster-library-"));
  try {
    await stageSources(root, stage);
    await compile(root, stage);
    await spellOutSettings(root, join(stage, "types"));
    const [stacks, bindings] = [LIBRARY.stacks, LIBRARY.bindings].map((entry) =>
      rollUp(stage, `types/${entry}.d.ts`),
    );
    if (stacks === undefined || bindings === undefined) throw new Error("An entry point is missing.");
    return { stacks, bindings };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function stageSources(root: string, stage: string): Promise<void> {
  for (const folder of SOURCES) await cp(join(root, folder), join(stage, folder), { recursive: true });
  const bindings = await import("../../provider/bindings/index.js");
  const text = bindingDeclarations(bindings);
  for (const folder of ["provider/bindings", "types/provider/bindings"]) {
    await mkdir(join(stage, folder), { recursive: true });
    await writeFile(join(stage, folder, "index.d.ts"), text);
  }
  await symlink(join(root, "node_modules"), join(stage, "node_modules"));
  await writeFile(join(stage, "package.json"), JSON.stringify({ name: "muster", type: "module" }));
  const compilerOptions = {
    ...{ declaration: true, emitDeclarationOnly: true, noEmit: false, outDir: "types", rootDir: "." },
    // The bindings' declarations are ours, and checked too.
    skipLibCheck: false,
  };
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions,
    include: [],
    files: [`${LIBRARY.stacks}.ts`],
  };
  await writeFile(join(stage, "tsconfig.json"), JSON.stringify(config));
}

async function compile(root: string, stage: string): Promise<void> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const said: string[] = [];
  const { exitCode } = await runProgram([process.execPath, tsc, "--project", stage], {
    onLine: (line) => said.push(line),
    timeoutSeconds: COMPILE_SECONDS,
  });
  if (exitCode !== 0) throw new Error(`The library's declarations can't be made:\n${said.join("\n")}`);
}

/** A type that is derived from a schema becomes the type itself, and the schema goes. */
async function spellOutSettings(root: string, types: string): Promise<void> {
  for (const folder of ["stacks/config", "agent/contract"]) {
    for (const name of await readdir(join(types, folder))) {
      if (!name.endsWith(".d.ts")) continue;
      const file = join(types, folder, name);
      const text = await readFile(file, "utf8");
      if (!DERIVED.test(text)) continue;
      const source = join(root, folder, name.replace(/\.d\.ts$/, ".ts"));
      const module = (await import(pathToFileURL(source).href)) as Readonly<Record<string, object>>;
      await writeFile(file, spellOut(text, module));
    }
  }
}

const DERIVED = /^export type (\w+) = Static<typeof (\w+)>;$/m;

function spellOut(text: string, module: Readonly<Record<string, object>>): string {
  return text
    .replace(new RegExp(DERIVED, "gm"), (line, type: string, name: string) => {
      const schema = module[name];
      return schema === undefined ? line : `export type ${type} = ${typeOfSchema(schema)};`;
    })
    .replace(DECLARED_SCHEMA, "");
}

/** The declaration of a schema that is exported, on one line or several: the last one starts at the margin. */
const DECLARED_SCHEMA =
  /^export declare const \w+: (?:import\("@sinclair\/typebox"\)\.)?TObject<.*(?:;|\n(?:[ \t].*\n)*\S.*;)$/gm;
