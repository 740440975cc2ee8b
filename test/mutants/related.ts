import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";

const UNIT_TESTS = "test/unit";

/** For a source the unit tests that import it, themselves or through others: the nearest first. All from the project's root. */
export type RelatedTests = (file: string) => readonly string[];

/** Reads the imports of all unit tests in a folder that has the project's files. Types alone are no import: they are gone at run time. */
export async function relatedTests(folder: string): Promise<RelatedTests> {
  const names = await readdir(join(folder, UNIT_TESTS), { recursive: true });
  const tests = names.filter((name) => name.endsWith(".test.ts")).map((name) => join(UNIT_TESTS, name));
  const { metafile } = await build({
    ...{
      absWorkingDir: folder,
      entryPoints: tests,
      outdir: "none",
      write: false,
      metafile: true,
      logLevel: "error",
    },
    // Without these each test would come with a copy of all that it imports.
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", packages: "external" },
  });
  const known = new Map<string, readonly string[]>();
  return (file) => {
    const tests = known.get(file) ?? nearestTests(metafile, file);
    known.set(file, tests);
    return tests;
  };
}

/** Breadth first, from the file to what imports it. */
export function nearestTests({ inputs }: Pick<Metafile, "inputs">, file: string): readonly string[] {
  const seen = new Set([file]);
  for (const near of seen)
    for (const [importer, { imports }] of Object.entries(inputs))
      if (imports.some(({ path }) => path === near)) seen.add(importer);
  return [...seen].filter((path) => path.endsWith(".test.ts"));
}
