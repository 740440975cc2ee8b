import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A part of the command that a start has compiled. */
interface LoadedPart {
  readonly name: string;
  readonly chars: number;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly endOffset: number }[] }[];
  }[];
}

/** What a start of the command with NODE_V8_COVERAGE has loaded of itself, by what that folder has. */
export async function loadedParts(folder: string): Promise<readonly LoadedPart[]> {
  const [file = ""] = await readdir(folder);
  const { result } = JSON.parse(await readFile(join(folder, file), "utf8")) as Coverage;
  return result.flatMap(({ url, functions }) => {
    const [, name] = /\/muster\.cjs\/(.+)\.js$/.exec(url) ?? [];
    const ends = functions.flatMap(({ ranges }) => ranges.map(({ endOffset }) => endOffset));
    return name === undefined ? [] : [{ name, chars: Math.max(...ends) }];
  });
}
