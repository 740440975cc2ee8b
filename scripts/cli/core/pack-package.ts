import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { World } from "./world.js";

/** The provider's program is the largest. */
const MAX_FILE_BYTES = 268_435_456;
/** As npm's own: the same files give the same bytes. */
const LONG_AGO = new Date("1985-10-26T08:15:00Z");

/**
 * The package as the file that `npm pack` makes: what `files` names below `folder`. Throws as node:fs does where one of them is not there.
 */
export async function packPackage(
  folder: string,
  files: readonly string[],
  world: Pick<World, "readFile" | "listFolder">,
): Promise<Uint8Array> {
  const tar = pack();
  for (const { path, isProgram } of files.flatMap((name) => filesAt(folder, name, world)))
    tar.entry(
      { name: `package/${path}`, mode: isProgram ? 0o755 : 0o644, mtime: LONG_AGO },
      Buffer.from(world.readFile(`${folder}/${path}`, MAX_FILE_BYTES)),
    );
  tar.finalize();
  return gzipSync(Buffer.concat(await Readable.from(tar, { objectMode: false }).toArray()));
}

interface PackedFile {
  readonly path: string;
  readonly isProgram: boolean;
}

/** `name` itself, or the files of the folder that it is. */
function filesAt(folder: string, name: string, { listFolder }: Pick<World, "listFolder">): PackedFile[] {
  const cut = name.lastIndexOf("/");
  const above = cut < 0 ? folder : `${folder}/${name.slice(0, cut)}`;
  const entry = listFolder(above).find((one) => one.name === name.slice(cut + 1));
  if (entry === undefined) throw new Error(`there is no ${folder}/${name}`);
  if (entry.kind === "file") return [{ path: name, isProgram: entry.isProgram }];
  return listFolder(`${folder}/${name}`).flatMap((inner) =>
    filesAt(folder, `${name}/${inner.name}`, { listFolder }),
  );
}
