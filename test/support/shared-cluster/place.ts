/** The local cloud with the cluster that the test files of jobs share. */
export const SHARED_CLOUD = "test-jobs";
