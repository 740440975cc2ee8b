import path from "node:path";
import type { Draft } from "./draft.js";
import { MAX_BOOT_SCRIPT_BYTES } from "./fleet-options.js";
import type { ReadFile } from "./job-definition-files.js";
import type { Problem } from "./problem.js";
import type { ClusterSettings } from "./schema.js";
import { decodeUtf8 } from "./text.js";

interface BootScripts {
  /** Of a cluster whose script was read. */
  textOf(cluster: Pick<ClusterSettings, "bootScript">): { readonly bootScriptText?: string };
  readonly problems: Problem[];
}

/** Reads each cluster's boot script; relative paths start at `baseFolder`. */
export function readBootScripts(
  { clusters = [] }: Draft,
  baseFolder: string,
  readFile: ReadFile,
): BootScripts {
  const texts = new Map<string, string>();
  const problems = clusters.flatMap((cluster, index): Problem[] => {
    const file = cluster?.bootScript?.file;
    if (file === undefined) return [];
    const read = readScript(path.resolve(baseFolder, file), readFile);
    if ("text" in read) {
      texts.set(file, read.text);
      return [];
    }
    const at = ["clusters", index, "bootScript", "file"];
    return [{ path: at, message: `got "${file}"; it ${read.problem}` }];
  });
  return {
    problems,
    textOf({ bootScript }) {
      const text = bootScript && texts.get(bootScript.file);
      return text === undefined ? {} : { bootScriptText: text };
    },
  };
}

function readScript(file: string, readFile: ReadFile): { text: string } | { problem: string } {
  let bytes: Uint8Array;
  try {
    bytes = readFile(file);
  } catch (error) {
    return { problem: `can't be read (${(error as Error).message}); allowed: a script` };
  }
  if (bytes.length > MAX_BOOT_SCRIPT_BYTES) {
    const message = `has ${bytes.length} bytes; allowed: ${MAX_BOOT_SCRIPT_BYTES}, which fit into user data`;
    return { problem: `${message} (let it fetch the rest)` };
  }
  const decoded = decodeUtf8(bytes);
  if (!("text" in decoded)) return decoded;
  if (decoded.text.startsWith("#!/")) return decoded;
  return { problem: "does not begin with #! and a program's path; write #!/bin/sh as its first line" };
}
