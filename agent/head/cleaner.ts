import type { Logger } from "pino";
import { type Because, because, type ClusterReasonCode } from "../contract/reasons.js";
import type { ClusterItem } from "../contract/registry.js";
import type { FilesNote } from "../contract/writes/cluster.js";
import { reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";

/** The files in the cluster's folders. Every call may run twice. */
export interface ClusterFiles {
  /** Empties /shared, as the job user; bounded. Rejects if something is left. */
  emptyShared(): Promise<void>;
  /** The jobs whose output is not in the bucket yet. */
  undelivered(): Promise<number>;
  /** Empties the agents' own folder. */
  emptyRecords(): Promise<void>;
}

export interface CleanerDeps {
  readonly files: ClusterFiles;
  /** Whether a job runs in the cluster, started on any node. Rejects if the registry does not answer. */
  isJobRunning(): Promise<boolean>;
  /** Writes while the files are still to be emptied, and no newer head has written; false: they are not, or one has. */
  noteFiles(generation: number, note: FilesNote): Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Empties a cluster's folders when it is being removed. */
export interface Cleaner {
  /**
   * Looks at META as just read, and begins an attempt where one is asked for and none is under way. Returns at once. `isCurrent`:
   * whether this node still is the head of that generation.
   */
  look(meta: Pick<ClusterItem, "files" | "filesReason">, generation: number, isCurrent: () => boolean): void;
}

const RETRY_MS = 2_000;
const NO_LONGER_HEAD = because("files-head-changed", "this node is no longer head");

/** Makes the cleaner; it does nothing by itself. */
export function createCleaner({ files, isJobRunning, noteFiles, clock, log }: CleanerDeps): Cleaner {
  let isBusy = false;
  let notBeforeMs = 0;

  /** Null when all is empty; else what is in the way. What is not in the bucket yet is never removed. */
  async function attempt(isCurrent: () => boolean): Promise<Because<ClusterReasonCode> | null> {
    if (await isJobRunning()) return because("files-job-running", "a job still runs");
    if (!isCurrent()) return NO_LONGER_HEAD;
    await files.emptyShared();
    const undelivered = await files.undelivered();
    if (undelivered > 0) {
      const reason = `/shared is empty, but ${undelivered} jobs' logs are not in the bucket yet`;
      return because("files-logs-pending", reason);
    }
    if (!isCurrent()) return NO_LONGER_HEAD;
    await files.emptyRecords();
    return null;
  }

  async function clean(
    seenReason: string | null,
    generation: number,
    isCurrent: () => boolean,
  ): Promise<void> {
    const why = await attempt(isCurrent).catch((error: unknown) =>
      because("files-not-removed", reasonOf(error)),
    );
    notBeforeMs = clock.monotonicMs() + RETRY_MS;
    if (why === null) {
      await noteFiles(generation, { files: "emptied", filesReasonCode: null, filesReason: null });
      log.info("the cluster is being removed: its folders are empty");
    } else if (why.reason !== seenReason) {
      const { reasonCode: filesReasonCode, reason: filesReason } = why;
      await noteFiles(generation, { files: "to-empty", filesReasonCode, filesReason });
      log.warn(why, "the cluster's folders can't be emptied yet; trying again");
    }
  }

  return {
    look(meta, generation, isCurrent) {
      if (meta.files !== "to-empty" || isBusy || clock.monotonicMs() < notBeforeMs) return;
      isBusy = true;
      clean(meta.filesReason ?? null, generation, isCurrent)
        .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, "the folders' state can't be noted"))
        .finally(() => {
          isBusy = false;
        });
    },
  };
}
