import { readFileSync } from "node:fs";
import { NAME_PATTERN } from "../contract/names.js";
import { NOTEBOOK_HOMES_ROOT, notebookHome } from "../contract/notebook.js";
import type { HomeMounts } from "../notebook/homes.js";
import { run } from "./run.js";
import { mountEfs } from "./shared-mount.js";

const UNMOUNT_TIMEOUT_MS = 20_000;

/** The names of the notebooks whose homes are mounted, from the text of /proc/self/mountinfo. Pure. */
export function mountedHomes(mountinfo: string): readonly string[] {
  const prefix = `${NOTEBOOK_HOMES_ROOT}/`;
  const paths = mountinfo.split("\n").map((line) => line.split(" ")[4] ?? "");
  const names = paths.flatMap((path) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : []));
  return [...new Set(names.filter((name) => new RegExp(NAME_PATTERN).test(name)))];
}

/** Notebooks' homes on this node, each below a folder that only root may write. */
export const createHomeMounts = (fileSystemId: string): HomeMounts => ({
  // It waits for the file, as isMounted does.
  mounted: async () => mountedHomes(readFileSync("/proc/self/mountinfo", "utf8")),
  mount: ({ name, accessPointId }) => mountEfs({ fileSystemId, accessPointId, path: notebookHome(name) }),
  async unmount(name) {
    await run("umount", ["--lazy", notebookHome(name)], UNMOUNT_TIMEOUT_MS);
  },
});
