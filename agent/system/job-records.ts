import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { JobRecords } from "../jobs/ports.js";
import { unlessMissing } from "./unless-missing.js";

const OUTPUT_FILE = "output.log";
const EXIT_CODE_FILE = "exit-code";
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
/** mpiexec's exit code and a line feed. */
const MAX_CODE_BYTES = 4;

/** The files that a job's mpiexec writes. It gets them open, and no path to them. */
interface OpenRecords {
  readonly output: FileHandle;
  readonly exitCode: FileHandle;
  close(): Promise<void>;
}

/** The records for the agent's other parts. */
export interface JobRecordFiles extends JobRecords {
  /** Opens the job's records, new and empty. A job is launched once, so no log that waits for its delivery is in the way. */
  begin(jobId: string): Promise<OpenRecords>;
  /** The output, to be read; null where there is none. */
  openOutput(jobId: string): Promise<FileHandle | null>;
}

/**
 * The jobs' output and exit codes below `folder`, on the mount of the agents' own: another head finds them there, and no
 * job can. Every call may run twice.
 */
export function createJobRecords(folder: string): JobRecordFiles {
  const pathOf = (jobId: string, name: string) => join(folder, jobId, name);
  const read = (jobId: string, name: string) => open(pathOf(jobId, name), "r").catch(unlessMissing);

  return {
    async begin(jobId) {
      await rm(join(folder, jobId), { recursive: true, force: true });
      await mkdir(join(folder, jobId), { recursive: true, mode: 0o700 });
      const output = await open(pathOf(jobId, OUTPUT_FILE), APPEND, 0o600);
      const exitCode = await open(pathOf(jobId, EXIT_CODE_FILE), APPEND, 0o600);
      return {
        output,
        exitCode,
        async close() {
          await Promise.all([output.close(), exitCode.close()]);
        },
      };
    },
    openOutput: (jobId) => read(jobId, OUTPUT_FILE),
    async exitCode(jobId) {
      const end = await readEnd(await read(jobId, EXIT_CODE_FILE), MAX_CODE_BYTES);
      const text = end === null || !end.isWhole ? "" : end.bytes.toString("latin1");
      return /^\d{1,3}\n$/.test(text) ? Number(text) : null;
    },
    outputEnd: async (jobId, bytes) => readEnd(await read(jobId, OUTPUT_FILE), bytes),
    ids: async () => (await readdir(folder).catch(unlessMissing)) ?? [],
    async remove(jobId) {
      await rm(join(folder, jobId), { recursive: true, force: true });
    },
  };
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
