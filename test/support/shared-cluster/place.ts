/**
 * The local cloud with the cluster that test files share. Files run two or more at a time, each in one of jest's workers: those of a worker
 * come one after the other, so each worker has a cloud of its own.
 */
export const SHARED_CLOUD = `test-jobs-${process.env["JEST_WORKER_ID"] ?? "1"}`;
