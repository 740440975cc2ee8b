import { open } from "node:fs/promises";
import { ec2Reply } from "../reply.js";
import type { Supplements } from "./supplement.js";

/** As EC2: the most recent 64 KiB. */
const CONSOLE_BYTES = 64 * 1024;

/** GetConsoleOutput with what the instance's node really wrote. `pathOf` gives the console log of an instance id. */
export function consoleOutput(pathOf: (instanceId: string) => string): Supplements {
  return {
    "ec2.GetConsoleOutput": async (call) => {
      const reply = await call.ask();
      const instanceId = call.request.form.get("InstanceId") ?? "";
      if (reply.status !== 200 || !/^i-[0-9a-f]+$/.test(instanceId)) return reply;
      const output = await readEnd(pathOf(instanceId), CONSOLE_BYTES);
      return ec2Reply("GetConsoleOutput", {
        instanceId,
        timestamp: new Date().toISOString(),
        output: output.toString("base64"),
      });
    },
  };
}

/** The file's last bytes; nothing if there is no file (the node has not begun to boot). */
async function readEnd(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return Buffer.alloc(0);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
