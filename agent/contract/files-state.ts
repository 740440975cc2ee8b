/**
 * What becomes of the files in a cluster's folders. `kept`: nothing, whatever happens to the nodes. `to-empty`: the cluster is
 * being removed, and its head empties the folders before the last node goes. `emptied`: it has.
 */
export type FilesState = "kept" | "to-empty" | "emptied";
export const FILES_STATES: readonly FilesState[] = ["kept", "to-empty", "emptied"];
