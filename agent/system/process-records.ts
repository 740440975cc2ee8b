import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessIdentity } from "./processes.js";
import { unlessMissing } from "./unless-missing.js";

/**
 * What this node remembers of processes that outlive the agent: a file each, so that an agent that was killed finds them
 * again. Each call may run again at any time.
 */
export interface ProcessRecords<T extends ProcessIdentity> {
  /** Makes the folder, root's own: what is in it is trusted. */
  prepare(): Promise<void>;
  /** Whole or not at all. */
  remember(id: string, record: T): Promise<void>;
  /** Null: there is no record with that id. */
  recall(id: string): Promise<T | null>;
  ids(): Promise<readonly string[]>;
  forget(id: string): Promise<void>;
}

const SUFFIX = ".json";

/** Opens the records below `folder`, which need not be there before something is remembered. */
export function openProcessRecords<T extends ProcessIdentity>(folder: string): ProcessRecords<T> {
  const fileOf = (id: string) => join(folder, `${id}${SUFFIX}`);
  return {
    async prepare() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    },
    async remember(id, record) {
      const part = `${fileOf(id)}.part`;
      await writeFile(part, JSON.stringify(record), { mode: 0o600 });
      await rename(part, fileOf(id));
    },
    async recall(id) {
      const text = await readFile(fileOf(id), "utf8").catch(unlessMissing);
      return text === null ? null : (JSON.parse(text) as T);
    },
    async ids() {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
    },
    async forget(id) {
      await rm(fileOf(id), { force: true });
    },
  };
}
