/**
 * For `.catch`: null for a file or folder that is not there. Any other failure throws: a record that can't be read must not
 * make a process look ended.
 */
export function unlessMissing(error: NodeJS.ErrnoException): null {
  if (error.code !== "ENOENT") throw error;
  return null;
}
