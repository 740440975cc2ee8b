import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { AGENT_FILES } from "../../agent/image/agent-layer.js";
import { replaceFile } from "./replace-file.js";

/** So the same files make the same bytes. */
const LONG_AGO = new Date(0);

/**
 * Packs the agent's files, each where an image has it, into dist/agent-layer.tar: an instance unpacks it in /. The agent and the command
 * must be built. Returns the file's path.
 */
export async function packAgentLayer(root: string): Promise<string> {
  const tar = pack();
  for (const { source, target, mode } of AGENT_FILES) {
    const owner = { uid: 0, gid: 0, uname: "root", gname: "root" };
    tar.entry({ name: target, mode, mtime: LONG_AGO, ...owner }, await readFile(join(root, source)));
  }
  tar.finalize();
  const file = join(root, "dist/agent-layer.tar");
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, await buffer(tar), 0o644);
  return file;
}
