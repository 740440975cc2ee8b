import { constants, openSync } from "node:fs";
import { chmod, chown, mkdir, rename, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname } from "node:path";
import split from "split2";
import { run } from "./run.js";

/** Where rank.sh says how a rank has ended. */
export const RANKS_PIPE = "/run/muster/ranks.pipe";

/** Of a line: a launch's id, a rank and a status are far shorter. */
const MAX_LINE_CHARACTERS = 200;
// The library's types do not know skipOverflow: without it a longer line would end the reading.
const SHORT_LINES = { maxLength: MAX_LINE_CHARACTERS, skipOverflow: true } as split.Options;
const MKFIFO_TIMEOUT_MS = 5_000;
const REPORT = /^([0-9a-f-]{36}) (0|[1-9]\d{0,6}) ([1-9]\d{0,2})$/;

/** As rank.sh writes it. The job user can write anything: what is no report is passed over. */
export interface PipeReport {
  readonly launch: string;
  readonly rank: number;
  /** 1 to 255. */
  readonly status: number;
}

/**
 * Reads lines `LAUNCH RANK STATUS` from a named pipe that root and the group `gid` can open. A shell writes such a line without starting a
 * program: where a rank was killed the others notice at once, and what Hydra does then would end a program that had yet to start. The pipe
 * is open for reading and writing here, so that no writer's end is the end of it.
 */
export async function openRankPipe(
  path: string,
  gid: number,
  onReport: (report: PipeReport) => void,
): Promise<{ close(): void }> {
  const unnamed = `${path}.new`;
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await rm(unnamed, { force: true });
  await run("/usr/bin/mkfifo", ["-m", "0600", unnamed], MKFIFO_TIMEOUT_MS);
  const fd = openSync(unnamed, constants.O_RDWR | constants.O_NONBLOCK);
  await chown(unnamed, 0, gid);
  await chmod(unnamed, 0o660);
  await rename(unnamed, path);
  const socket = new Socket({ fd, readable: true, writable: false });
  const lines = socket.pipe(split(SHORT_LINES));
  lines.on("data", (line: string) => {
    const [, launch, rank, status] = REPORT.exec(line) ?? [];
    if (launch !== undefined && Number(status) <= 255)
      onReport({ launch, rank: Number(rank), status: Number(status) });
  });
  return { close: () => void socket.destroy() };
}
