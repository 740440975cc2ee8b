import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { AUTHORITY_FILE } from "../contract/names.js";

/** Leaves the certificates of the cluster's authorities where every program of this node can read them, and none but root write. */
export async function publishAuthorities(certificates: readonly string[]): Promise<void> {
  await mkdir(dirname(AUTHORITY_FILE), { recursive: true, mode: 0o755 });
  await writeFile(`${AUTHORITY_FILE}.new`, certificates.join(""), { mode: 0o644 });
  await rename(`${AUTHORITY_FILE}.new`, AUTHORITY_FILE);
}
