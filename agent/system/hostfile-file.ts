import type { HostfilePort } from "../head/hostfile-writer.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 4_000;

/** $1 the path. Prints the file; nothing where there is no plain file. */
const READ = `if [ -f "$1" ] && [ ! -L "$1" ]; then exec cat -- "$1"; fi`;

/** $1 the path, $2 its folder. A folder in the file's place would keep the new one out. */
const MAKE_ROOM = `umask 022
chmod u+rwx -- "$2" 2>/dev/null || :
if [ -d "$1" ] && [ ! -L "$1" ]; then chmod -R u+rwx -- "$1" 2>/dev/null || :; rm -rf -- "$1"; fi`;

const WRITE = `${MAKE_ROOM}
new=$(mktemp -- "$1.XXXXXXXX")
cat >"$new"
chmod 644 -- "$new"
sync -- "$new"
mv -f -T -- "$new" "$1"`;

const REMOVE = `${MAKE_ROOM}
rm -f -- "$1"`;

/**
 * The hostfile on /shared, for people and their mpiexec; jobs are started with the head's own copy. The job user reads and
 * writes it, for it may have put anything in its place. Readers see the old text or the new one, never a part; a write is on
 * disk when it resolves, and may run again after a failure.
 */
export function openHostfile(path: string, errands: Errands): HostfilePort {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  const parameters = [path, folder];
  return {
    path,
    async read() {
      const text = await errands.run({ script: READ, parameters, timeoutMs: TIMEOUT_MS });
      return text.length === 0 ? null : text.toString("utf8");
    },
    async write(text) {
      const script = text === null ? REMOVE : WRITE;
      await errands.run({ script, parameters, input: text ?? "", timeoutMs: TIMEOUT_MS });
    },
  };
}
