import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptId, JobRecords } from "../jobs/ports.js";
import type { Outputs } from "../logs/ports.js";
import { createOutputs } from "./outputs.js";
import { unlessMissing } from "./unless-missing.js";

const OUTPUT_FILE = "output.log";
const EXIT_CODE_FILE = "exit-code";
/** No job's id begins so. */
const HELD = ".held-";
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
/** mpiexec's exit code and a line feed. */
const MAX_CODE_BYTES = 4;

/** An attempt's folder is named by its number. */
const NUMBER = /^[1-9]\d{0,8}$/;

/** The files that an attempt's program writes. It gets them open, and no path to them. */
interface OpenRecords {
  readonly output: FileHandle;
  readonly exitCode: FileHandle;
  close(): Promise<void>;
}

/** Empty files that are no attempt's yet. */
export interface HeldRecords {
  readonly paths: { readonly output: string; readonly exitCode: string };
  /** They are open, or nobody will open them: their paths go, and with them what is no attempt's. May run twice. */
  release(): Promise<void>;
}

/** The records for the agent's other parts. */
export interface JobRecordFiles extends JobRecords {
  /**
   * Opens the attempt's records, new and empty. An attempt is launched once, so no log that waits for its delivery is in the way;
   * those of the job's other attempts stay. Rejects where another agent has made them, or has forestalled this one.
   */
  begin(of: AttemptId): Promise<OpenRecords>;
  /** As begin, with files that were held for it, which others have open or will open. */
  adopt(of: AttemptId, held: HeldRecords): Promise<void>;
  /** Makes files that a later `adopt` can make an attempt's. They keep these paths as well, until they are released. */
  hold(): Promise<HeldRecords>;
  /** Removes what this node has held and did not release, as an agent that was killed. */
  releaseAll(): Promise<void>;
  readonly outputs: Outputs;
}

/**
 * The output and exit code of each attempt in `<folder>/<job>/<attempt>/`, on the mount of the agents' own: another head finds
 * them there, and no job can. Every call may run twice. `node` names this one among those that share the folder.
 */
export function createJobRecords(folder: string, node = "node"): JobRecordFiles {
  const heldFolder = join(folder, `${HELD}${node}`);
  const folderOf = ({ jobId, attempt }: AttemptId) => join(folder, jobId, String(attempt));
  const pathOf = (of: AttemptId, name: string) => join(folderOf(of), name);
  const read = (of: AttemptId, name: string) => open(pathOf(of, name), "r").catch(unlessMissing);
  const list = async (path: string) => (await readdir(path).catch(unlessMissing)) ?? [];

  /** By folder: the attempts that this agent has taken, and whether it has begun them. Only the agent that makes a folder may begin. */
  const own = new Map<string, "taken" | "begun">();

  /** To make a folder is one step on a file system that nodes share, whatever each of them remembers of it. */
  async function take(of: AttemptId): Promise<"taken" | "begun" | "another's"> {
    const path = folderOf(of);
    const before = own.get(path);
    if (before !== undefined) return before;
    await mkdir(join(folder, of.jobId), { recursive: true, mode: 0o700 });
    const isMade = await mkdir(path, { mode: 0o700 }).then(() => true, unlessThere);
    if (!isMade) return "another's";
    own.set(path, "taken");
    return "taken";
  }

  /** The attempt is this agent's, and has no files. */
  async function takeNew(of: AttemptId): Promise<void> {
    const state = await take(of);
    if (state === "another's")
      throw new Error(`another agent has taken attempt ${of.attempt} of ${of.jobId}`);
    own.set(folderOf(of), "begun");
    if (state === "begun")
      await Promise.all([OUTPUT_FILE, EXIT_CODE_FILE].map((name) => rm(pathOf(of, name), { force: true })));
  }

  async function attemptsOf(jobId: string): Promise<AttemptId[]> {
    const names = await list(join(folder, jobId));
    return names.filter((name) => NUMBER.test(name)).map((name) => ({ jobId, attempt: Number(name) }));
  }

  return {
    async hold() {
      const own = join(heldFolder, randomUUID());
      await mkdir(own, { recursive: true, mode: 0o700 });
      const paths = { output: join(own, OUTPUT_FILE), exitCode: join(own, EXIT_CODE_FILE) };
      await Promise.all(Object.values(paths).map(async (path) => (await open(path, APPEND, 0o600)).close()));
      return { paths, release: () => rm(own, { recursive: true, force: true }) };
    },
    releaseAll: () => rm(heldFolder, { recursive: true, force: true }),
    async begin(of) {
      await takeNew(of);
      const output = await open(pathOf(of, OUTPUT_FILE), APPEND, 0o600);
      const exitCode = await open(pathOf(of, EXIT_CODE_FILE), APPEND, 0o600);
      return {
        ...{ output, exitCode },
        async close() {
          await Promise.all([output.close(), exitCode.close()]);
        },
      };
    },
    async adopt(of, { paths }) {
      await takeNew(of);
      // A second name: who is to write them may not have opened them yet. Both at once, for each goes to the file system's server.
      await Promise.all([
        link(paths.output, pathOf(of, OUTPUT_FILE)),
        link(paths.exitCode, pathOf(of, EXIT_CODE_FILE)),
      ]);
    },
    outputs: createOutputs((of) => read(of, OUTPUT_FILE)),
    async exitCode(of) {
      const end = await readEnd(await read(of, EXIT_CODE_FILE), MAX_CODE_BYTES);
      const text = end === null || !end.isWhole ? "" : end.bytes.toString("latin1");
      return /^\d{1,3}\n$/.test(text) ? Number(text) : null;
    },
    outputEnd: async (of, bytes) => readEnd(await read(of, OUTPUT_FILE), bytes),
    async ids() {
      const jobs = (await list(folder)).filter((name) => !name.startsWith(HELD));
      return (await Promise.all(jobs.map(attemptsOf))).flat();
    },
    forestall: async (of) => (await take(of)) === "taken",
    async remove(of) {
      own.delete(folderOf(of));
      await rm(folderOf(of), { recursive: true, force: true });
      // The last of them takes the job's own folder along.
      await rmdir(join(folder, of.jobId)).catch(unlessOccupied);
    },
  };
}

function unlessThere(error: NodeJS.ErrnoException): false {
  if (error.code !== "EEXIST") throw error;
  return false;
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
