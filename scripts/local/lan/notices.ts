import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The paths (what follows /latest/) where EC2 announces what it will do with an instance. */
const NOTICE_PATHS = {
  spot: "meta-data/spot/instance-action",
  maintenance: "meta-data/events/maintenance/scheduled",
  rebalance: "meta-data/events/recommendations/rebalance",
} as const;
/** EC2's JSON for each; what is left out is not announced. */
export type InjectedNotices = Readonly<Partial<Record<keyof typeof NOTICE_PATHS, string>>>;

/** Whether the metadata service answers the path from the injected notices, and not from the account. */
export const isNoticePath = (path: string): boolean =>
  (Object.values(NOTICE_PATHS) as readonly string[]).includes(path);

const fileOf = (folder: string, address: string): string => join(folder, `${address}.json`);

/** What is announced at the path to the instance with that address; null: nothing. */
export function readNotice(folder: string, address: string, path: string): string | null {
  const file = fileOf(folder, address);
  if (!existsSync(file)) return null;
  const notices = JSON.parse(readFileSync(file, "utf8")) as InjectedNotices;
  const kind = (Object.keys(NOTICE_PATHS) as (keyof typeof NOTICE_PATHS)[]).find(
    (key) => NOTICE_PATHS[key] === path,
  );
  return (kind === undefined ? null : notices[kind]) ?? null;
}

/** From now on the metadata service announces this to the instance with that address, and nothing else. */
export function announce(folder: string, address: string, notices: InjectedNotices): void {
  const file = fileOf(folder, address);
  if (Object.keys(notices).length === 0) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(notices));
  renameSync(`${file}.new`, file);
}
