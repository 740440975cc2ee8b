/**
 * The state of the files in a cluster's folders. `kept`: they stay, even without nodes. `to-empty`: the cluster is being removed,
 * and its head must empty the folders before the last node terminates. `emptied`: the head has done so.
 */
export type FilesState = "kept" | "to-empty" | "emptied";
export const FILES_STATES: readonly FilesState[] = ["kept", "to-empty", "emptied"];
