import { constants } from "node:os";
import type { RankFailurePolicy } from "../contract/job-request.js";
import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { HostfileNode } from "../head/hostfile.js";
import { isMpiError } from "../launcher/rank-events.js";
import type { FailedRank, RankFacts } from "./rank-board.js";

/** Which ranks run on which host: Hydra fills the hostfile's lines in their order. By address; a host without ranks is left out. */
export function ranksByHost(
  hosts: readonly HostfileNode[],
  ranks: number,
): ReadonlyMap<string, readonly number[]> {
  const placed = new Map<string, readonly number[]>();
  let next = 0;
  for (const { address, cores } of hosts) {
    const count = Math.min(cores, ranks - next);
    if (count <= 0) break;
    placed.set(
      address,
      Array.from({ length: count }, (_, index) => next + index),
    );
    next += count;
  }
  return placed;
}

/** Why a job can't continue although mpiexec runs, in words; with the rank's own last lines and status if known. */
export interface RankVerdict extends Because<JobReasonCode> {
  readonly lines: readonly string[] | null;
  readonly exitCode: number | null;
  /** The address of the one node that it is about. */
  readonly host?: string;
}

/** After a rank's failure, MPI ends the others, or the job is ended after this time: their last lines may still arrive. */
const FAILURE_GRACE_MS = 1_000;
/** mpiexec ends after its proxies. If it has not ended after this time, it never will. */
const PROXIES_GRACE_MS = 5_000;

/**
 * What the ranks' state means for the job, or null: it keeps running. Where `policy` is "continue" a rank's end is the job's only once
 * no other rank can do anything but wait for it.
 */
export function rankVerdict(
  { failed, waiting, stuck, ended }: RankFacts,
  placed: ReadonlyMap<string, readonly number[]>,
  nowMs: number,
  policy: RankFailurePolicy = "abort",
): RankVerdict | null {
  const doAllWait = [...placed.keys()].every((host) => ended.has(host) || stuck.has(host));
  const isOver = policy === "abort" || (stuck.size > 0 && doAllWait);
  if (failed !== null && isOver)
    return nowMs - failed.atMs < FAILURE_GRACE_MS ? null : failureVerdict(failed, ended);
  const gone = goneRank(waiting, ended, placed);
  if (waiting.size > 0 && gone !== null && isOver) {
    const reason = `rank ${gone.rank} on ${gone.host} ended without MPI_Init or MPI_Finalize, for which the other ranks wait`;
    return { ...because("rank-left-early", reason), lines: null, exitCode: null, host: gone.host };
  }
  const haveAllEnded = placed.size > 0 && [...placed.keys()].every((host) => ended.has(host));
  const lastEndMs = Math.max(...[...ended.values()].map(({ atMs }) => atMs));
  if (haveAllEnded && nowMs - lastEndMs >= PROXIES_GRACE_MS) {
    const hung = because("mpiexec-hung", "mpiexec did not end, though all its ranks have");
    return { ...hung, lines: null, exitCode: null };
  }
  return null;
}

/** Why mpiexec failed, if its ranks and proxies explain it; else null: also while the report of a deeper cause may be on its way. */
export function causeOf({ failed, ended }: RankFacts, nowMs: number): RankVerdict | null {
  const ofProxy = killedProxy(ended);
  if (failed === null) return ofProxy;
  const isFresh = nowMs - failed.atMs < FAILURE_GRACE_MS;
  const mayBeSymptom = (isByLauncher(failed) || isMpiError(failed)) && ofProxy === null;
  return isFresh && mayBeSymptom ? null : failureVerdict(failed, ended);
}

/** The verdict about the first proxy that a signal has ended, else null. */
function killedProxy(ended: RankFacts["ended"]): RankVerdict | null {
  for (const host of ended.keys()) {
    const verdict = proxyVerdict(host, ended);
    if (verdict !== null) return verdict;
  }
  return null;
}

/** The verdict where a signal has ended the host's proxy, else null. */
function proxyVerdict(host: string, ended: RankFacts["ended"]): RankVerdict | null {
  const exitCode = ended.get(host)?.exitCode ?? null;
  const signal = exitCode === null ? undefined : signalOf(exitCode);
  if (signal === undefined) return null;
  const reason = `Hydra's proxy on ${host}, which runs that node's ranks, was ended by ${signal}`;
  return { ...because("proxy-killed", reason), lines: null, exitCode: null, host };
}

/** What launchers end ranks with, when their proxy or another node's has gone. */
const LAUNCHER_STATUSES: readonly number[] = [constants.signals.SIGKILL, constants.signals.SIGTERM].map(
  (signal) => 128 + signal,
);
const isByLauncher = ({ status, isOutOfMemory }: FailedRank): boolean =>
  LAUNCHER_STATUSES.includes(status) && !isOutOfMemory;

/** Where a proxy is killed, Intel MPI's ranks are ended, on every node, and report that. */
function failureVerdict(failed: FailedRank, ended: RankFacts["ended"]): RankVerdict {
  const ofProxy = isByLauncher(failed) ? killedProxy(ended) : null;
  if (ofProxy !== null) return ofProxy;
  const { lines, status, host } = failed;
  return { ...describeFailure(failed), lines: lines.length > 0 ? lines : null, exitCode: status, host };
}

/**
 * Why the program of a job without MPI, which has ended, failed; null: it did not. `isOutOfMemory`: the kernel has ended a process of it
 * for that. Pure.
 */
export function programVerdict(exitCode: number | null, isOutOfMemory: boolean): RankVerdict | null {
  if (exitCode === 0) return null;
  if (exitCode === null) return { ...NO_PROGRAM_CODE, lines: null, exitCode };
  const signal = signalOf(exitCode);
  const killed =
    signal === undefined ? null : because("program-killed", `the program was ended by ${signal}`);
  const starved = isOutOfMemory
    ? because(
        "program-out-of-memory",
        "the program was ended by the kernel: the node's memory for the job ran out",
      )
    : null;
  const exited = because("program-exited", `the program exited with code ${exitCode}`);
  return { ...(starved ?? killed ?? exited), lines: null, exitCode };
}

const NO_PROGRAM_CODE = because(
  "exit-code-unknown",
  "the program ended without an exit code: what was to record it was killed, or the records could not be written",
);

/** The signal that a status of 128 + signal stands for. */
export const signalOf = (status: number): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => number === status - 128)?.[0];

const MAX_WORDS = 200;

function describeFailure({ rank, host, status, lines, isOutOfMemory }: FailedRank): Because<JobReasonCode> {
  const who = `rank ${rank} on ${host}`;
  if (isOutOfMemory) {
    const reason = `${who} was ended by the kernel: the node's memory for the job ran out`;
    return because("rank-out-of-memory", reason);
  }
  const signal = signalOf(status);
  if (signal !== undefined) return because("rank-killed", `${who} was ended by ${signal}`);
  const words = headline(lines).trim();
  const said = words === "" ? "" : `: ${words.slice(0, MAX_WORDS)}`;
  return because("rank-exited", `${who} exited with code ${status}${said}`);
}

/** The summary of a rank's lines: the text after a traceback's frames, else the last line. */
function headline(lines: readonly string[]): string {
  const lastFrame = lines.findLastIndex((line) => line.startsWith("  "));
  return (lastFrame < 0 ? lines.at(-1) : lines[lastFrame + 1]) ?? "";
}

/** The first rank that is known to have ended. */
function goneRank(
  waiting: RankFacts["waiting"],
  ended: RankFacts["ended"],
  placed: ReadonlyMap<string, readonly number[]>,
): { readonly rank: number; readonly host: string } | null {
  for (const [host, ranks] of placed) {
    const alive = ended.has(host) ? [] : waiting.get(host);
    const rank = alive === undefined ? undefined : ranks.find((one) => !alive.includes(one));
    if (rank !== undefined) return { rank, host };
  }
  return null;
}
