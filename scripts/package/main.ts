import { join, resolve } from "node:path";
import { buildAll, RECIPE_PROGRAMS } from "../build/build-all.js";
import { developersCommand, runToEnd } from "../system/command-line.js";
import { cacheRoot } from "../system/paths.js";
import { writeRegistry } from "./registry.js";
import { packageRelease } from "./release.js";
import { packageStandalone } from "./standalone.js";

interface Options {
  readonly standalone?: boolean;
  readonly sign?: string;
}

runToEnd(
  developersCommand(
    "npm run package --",
    "Writes the provider's release to dist/release, as Terraform registries take it, and prints the files. The same sources give the same bytes.",
  )
    .option("--standalone", "for machines without Node.js: executables for Linux, in dist/release-standalone")
    .option("--sign <key>", "sign the sums with this key of gpg's, and lay a registry out in dist/registry")
    .action(async ({ standalone = false, sign }: Options) => {
      const root = resolve(import.meta.dirname, "../..");
      const options = { signWith: sign };
      await buildAll(root, (line) => console.error(line), RECIPE_PROGRAMS);
      const release = standalone
        ? await packageStandalone(root, cacheRoot(), options)
        : await packageRelease(root, options);
      for (const file of release.files) console.log(file);
      if (release.key === null) return;
      console.log(`${release.sums}.sig`);
      await writeRegistry(release, join(root, "dist/registry"));
      console.log(join(root, "dist/registry"));
    }),
);
