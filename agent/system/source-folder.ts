import { sourceErrorOf } from "../sources/git-problem.js";
import type { SourceFolder } from "../sources/ports.js";
import type { Errands } from "./errands.js";
import type { SourceProgram } from "./git-client.js";

const LOOK_TIMEOUT_MS = 30_000;

/** $1 the top, $2 a path in it. Prints "folder" or "file", or nothing. */
const LOOK = `cd -- "$1" 2>/dev/null || exit 0
if [ -d "./$2" ]; then echo folder; elif [ -f "./$2" ]; then echo file; fi`;

/** $1 the kind, $2 the folder, $3 bytes, $4 files; the rest is the program. */
const UNPACK = `umask 022
kind=$1 folder=$2 bytes=$3 files=$4
shift 4
exec "$@" unpack "$kind" "$folder" "$bytes" "$files"`;

/** The files of sources, touched by the job user alone. */
export function createSourceFolder(errands: Errands, program: SourceProgram): SourceFolder {
  return {
    async unpack(archive, kind, folder, { bytes, files, timeoutMs, signal }) {
      const parameters = [kind, folder, String(bytes), String(files), ...program];
      // It may fail before anybody reads it.
      archive.on("error", () => undefined);
      try {
        await errands.run({ script: UNPACK, parameters, input: archive, timeoutMs, signal });
      } catch (error) {
        throw error === archive.errored ? error : sourceErrorOf((error as Error).message);
      } finally {
        archive.destroy();
      }
    },
    async locate(top, path) {
      const output = await errands.run({
        script: LOOK,
        parameters: [top, path],
        timeoutMs: LOOK_TIMEOUT_MS,
      });
      const found = output.toString("utf8").trim();
      if (found === "folder") return path;
      if (found !== "file") return null;
      const end = path.lastIndexOf("/");
      return end < 0 ? "" : path.slice(0, end);
    },
  };
}
