import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterFiles } from "../head/cleaner.js";
import type { JobRecords } from "../jobs/ports.js";
import type { Errands } from "./errands.js";

const TIMEOUT_MS = 60_000;

/**
 * $1 the folder. What a job has made unreadable is opened first; other nodes' probes come and go meanwhile, so what is gone by
 * itself is no failure. Whatever is left then is named.
 */
const EMPTY = `find "$1" -xdev -mindepth 1 -type d ! -perm -u=rwx -exec chmod u+rwx {} \\; 2>/dev/null || :
find "$1" -xdev -mindepth 1 -ignore_readdir_race -delete || :
left=$(find "$1" -xdev -mindepth 1 -maxdepth 1 ! -name '.muster-probe.*' -print -quit)
[ -z "$left" ] || { echo "$left is left" >&2; exit 1; }`;

/** The files of this cluster, in `shared` (the job user's) and `agents` (root's), as this node has them mounted. */
export function openClusterFiles(
  errands: Errands,
  records: Pick<JobRecords, "ids">,
  { shared, agents }: { readonly shared: string; readonly agents: string },
): ClusterFiles {
  return {
    async emptyShared() {
      await errands.run({ script: EMPTY, parameters: [shared], timeoutMs: TIMEOUT_MS });
    },
    undelivered: async () => (await records.ids()).length,
    async emptyRecords() {
      for (const name of await readdir(agents))
        await rm(join(agents, name), { recursive: true, force: true });
    },
  };
}
