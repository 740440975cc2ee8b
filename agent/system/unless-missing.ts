/**
 * For `.catch`: null for a missing file or folder. Rethrows any other failure: a record that can't be read must not make a process
 * look ended.
 */
export function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code !== "ENOENT") throw error;
  return null;
}
