import { join } from "node:path";
import { keyOfFiles, recipeFiles } from "../../agent/image/ingredients.js";
import { cacheRoot } from "../system/paths.js";

/** The program that makes the root, from the project's root. */
export const BAKE_SCRIPT = "scripts/image/bake.sh";

/** A base image in the cache; the paths exist only once it was built. */
export interface ImagePaths {
  /** 16 hex digits that change with any ingredient. */
  readonly key: string;
  readonly folder: string;
  readonly squashfs: string;
  readonly manifest: string;
}

/** The contents of `manifest.json` beside the squashfs. */
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

/** The image that the project's recipe describes now. Reads the ingredients; builds nothing. */
export function describeImage(projectFolder: string, cacheFolder: string = cacheRoot()): ImagePaths {
  const key = keyOfFiles(projectFolder, [...recipeFiles(projectFolder), BAKE_SCRIPT]);
  const folder = join(cacheFolder, "image", key);
  return { key, folder, squashfs: join(folder, "root.squashfs"), manifest: join(folder, "manifest.json") };
}

/** Reads `name=version` and `name==version` lines. */
export function parsePackages(text: string): Record<string, string> {
  const pairs = text.split("\n").map((line) => /^([^=\s]+)={1,2}(\S+)$/.exec(line.trim()));
  return Object.fromEntries(pairs.flatMap((match) => (match?.[1] && match[2] ? [[match[1], match[2]]] : [])));
}
