const PREFIX = "test-jobs-";

/**
 * The local cloud with the cluster that test files share. Files run two or more at a time, each in one of jest's workers: those of a worker
 * come one after the other, so each worker has a cloud of its own.
 */
export const SHARED_CLOUD = `${PREFIX}${process.env["JEST_WORKER_ID"] ?? "1"}`;

/** Whether a cloud of that name is a worker's, of this run or of one that was killed. */
export const isSharedCloud = (name: string): boolean =>
  name.startsWith(PREFIX) && /^\d+$/.test(name.slice(PREFIX.length));
