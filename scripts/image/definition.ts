import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../system/paths.js";

/** What the base image is made of, inside agent/image/. The agent is not among it: it is a layer of its own. */
const INGREDIENTS = ["bake.sh", "recipe.sh", "check-mpi.sh", "packages.txt", "requirements.txt", "files"];

/** A base image in the cache; the paths exist only once it was built. */
export interface ImagePaths {
  /** 16 hex digits that change with any ingredient. */
  readonly key: string;
  readonly folder: string;
  readonly squashfs: string;
  readonly manifest: string;
}

/** What `manifest.json` beside the squashfs tells. */
export interface ImageManifest {
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly builtAt: string;
  readonly bytes: number;
  readonly seconds: number;
  /** Debian package -> version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Python package -> version. */
  readonly pythonPackages: Readonly<Record<string, string>>;
}

/** The image that `recipeFolder` (agent/image) describes now. Reads the ingredients; builds nothing. */
export function describeImage(recipeFolder: string, cacheFolder: string = cacheRoot()): ImagePaths {
  const hash = createHash("sha256");
  for (const path of INGREDIENTS.flatMap((name) => listFiles(recipeFolder, name)).sort()) {
    const content = readFileSync(join(recipeFolder, path));
    const isExecutable = (statSync(join(recipeFolder, path)).mode & 0o100) !== 0;
    hash.update(`${path}\0${isExecutable}\0${content.length}\0`).update(content);
  }
  const key = hash.digest("hex").slice(0, 16);
  const folder = join(cacheFolder, "image", key);
  return { key, folder, squashfs: join(folder, "root.squashfs"), manifest: join(folder, "manifest.json") };
}

/** Reads `name=version` and `name==version` lines. */
export function parsePackages(text: string): Record<string, string> {
  const pairs = text.split("\n").map((line) => /^([^=\s]+)={1,2}(\S+)$/.exec(line.trim()));
  return Object.fromEntries(pairs.flatMap((match) => (match?.[1] && match[2] ? [[match[1], match[2]]] : [])));
}

function listFiles(folder: string, name: string): string[] {
  if (!statSync(join(folder, name)).isDirectory()) return [name];
  return readdirSync(join(folder, name)).flatMap((entry) => listFiles(folder, join(name, entry)));
}
