import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptId, JobRecords } from "../jobs/ports.js";
import type { Outputs } from "../logs/ports.js";
import { createOutputs } from "./outputs.js";
import { unlessMissing } from "./unless-missing.js";

const OUTPUT_FILE = "output.log";
const EXIT_CODE_FILE = "exit-code";
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
/** mpiexec's exit code and a line feed. */
const MAX_CODE_BYTES = 4;

/** An attempt's folder is named by its number. */
const NUMBER = /^[1-9]\d{0,8}$/;

/** The files that an attempt's mpiexec writes. It gets them open, and no path to them. */
interface OpenRecords {
  readonly output: FileHandle;
  readonly exitCode: FileHandle;
  close(): Promise<void>;
}

/** The records for the agent's other parts. */
export interface JobRecordFiles extends JobRecords {
  /**
   * Opens the attempt's records, new and empty. An attempt is launched once, so no log that waits for its delivery is in the way;
   * those of the job's other attempts stay.
   */
  begin(of: AttemptId): Promise<OpenRecords>;
  readonly outputs: Outputs;
}

/**
 * The output and exit code of each attempt in `<folder>/<job>/<attempt>/`, on the mount of the agents' own: another head finds
 * them there, and no job can. Every call may run twice.
 */
export function createJobRecords(folder: string): JobRecordFiles {
  const folderOf = ({ jobId, attempt }: AttemptId) => join(folder, jobId, String(attempt));
  const pathOf = (of: AttemptId, name: string) => join(folderOf(of), name);
  const read = (of: AttemptId, name: string) => open(pathOf(of, name), "r").catch(unlessMissing);
  const list = async (path: string) => (await readdir(path).catch(unlessMissing)) ?? [];

  async function attemptsOf(jobId: string): Promise<AttemptId[]> {
    const names = await list(join(folder, jobId));
    return names.filter((name) => NUMBER.test(name)).map((name) => ({ jobId, attempt: Number(name) }));
  }

  return {
    async begin(of) {
      await rm(folderOf(of), { recursive: true, force: true });
      await mkdir(folderOf(of), { recursive: true, mode: 0o700 });
      const output = await open(pathOf(of, OUTPUT_FILE), APPEND, 0o600);
      const exitCode = await open(pathOf(of, EXIT_CODE_FILE), APPEND, 0o600);
      return {
        output,
        exitCode,
        async close() {
          await Promise.all([output.close(), exitCode.close()]);
        },
      };
    },
    outputs: createOutputs((of) => read(of, OUTPUT_FILE)),
    async exitCode(of) {
      const end = await readEnd(await read(of, EXIT_CODE_FILE), MAX_CODE_BYTES);
      const text = end === null || !end.isWhole ? "" : end.bytes.toString("latin1");
      return /^\d{1,3}\n$/.test(text) ? Number(text) : null;
    },
    outputEnd: async (of, bytes) => readEnd(await read(of, OUTPUT_FILE), bytes),
    ids: async () => (await Promise.all((await list(folder)).map(attemptsOf))).flat(),
    async remove(of) {
      await rm(folderOf(of), { recursive: true, force: true });
      // The last of them takes the job's own folder along.
      await rmdir(join(folder, of.jobId)).catch(unlessOccupied);
    },
  };
}

function unlessOccupied(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOTEMPTY" && error.code !== "ENOENT") throw error;
}

async function readEnd(
  handle: FileHandle | null,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean } | null> {
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, maxBytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, size - length);
    return { bytes: buffer.subarray(0, bytesRead), isWhole: length === size };
  } finally {
    await handle.close();
  }
}
