import { because } from "../contract/reasons.js";
import { lastLines } from "../jobs/last-lines.js";
import type { PreparationFailure } from "../jobs/ports.js";

const REASON_CHARACTERS = 500;
/** uv exits with 1 where the requirements are at fault, and with 2 also where the index is. */
const ERROR_STATUS = 2;
const OUTAGE =
  /error sending request|Request failed after \d+ retr|Failed to fetch|dns error|tcp connect error|operation timed out|HTTP status server error|Too Many Requests/i;

const linesOf = (text: string): string[] => lastLines(Buffer.from(text), true);
const shortened = (text: string): string =>
  text.length > REASON_CHARACTERS ? `${text.slice(0, REASON_CHARACTERS)}...` : text;

/** uv's error and its causes on one line, or the last line of what it said. */
function complaintOf(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => line.startsWith("error: "));
  if (start < 0) return lines.findLast((line) => line.trim() !== "") ?? "it said nothing";
  const causes = lines.slice(start + 1).filter((line) => /^\s+cause: /.test(line));
  return [lines[start] ?? "", ...causes].map((line) => line.trim()).join(" ");
}

/** Why `file` could not be installed: uv's exit status and the end of what it said. Pure. */
export function installFailure(file: string, { status, text }: UvFailure): PreparationFailure {
  const lines = linesOf(text);
  const complaint = shortened(complaintOf(lines));
  const why =
    status === ERROR_STATUS && OUTAGE.test(text)
      ? because("packages-unreachable", `${file}: the package index can't be reached: ${complaint}`)
      : because("requirements-failed", `${file} can't be installed: ${complaint}`);
  return { ...why, lines };
}

/** How uv failed. */
export interface UvFailure {
  readonly status: number;
  /** The end of what it printed. */
  readonly text: string;
}

/** How a set-up ended on a node; `exitCode` is 128 + signal where one ended it. */
export interface SetupEnd {
  readonly end: "exited" | "timed-out" | "too-much-output";
  readonly exitCode: number;
  /** The end of what it printed. */
  readonly text: string;
}

/** Why a set-up failed on the node at `host`; null: it did not. Pure. */
export function setupFailure(
  host: string,
  timeoutSeconds: number,
  { end, exitCode, text }: SetupEnd,
): PreparationFailure | null {
  if (end === "exited" && exitCode === 0) return null;
  const lines = linesOf(text);
  const last = lines.findLast((line) => line.trim() !== "");
  const words = (what: string) => shortened(`set-up on ${host} ${what}${last ? `: ${last.trim()}` : ""}`);
  if (end === "timed-out")
    return { ...because("setup-timed-out", words(`was not done after ${timeoutSeconds} s`)), lines, host };
  const what = end === "exited" ? `exited with code ${exitCode}` : "printed more than 64 MiB";
  return { ...because("setup-failed", words(what)), lines, host };
}

/** An environment that could not be stored, or, with its address, brought to a node. Pure. */
export const environmentFailure = (reason: string, host?: string): PreparationFailure => ({
  ...because("environment-failed", reason),
  lines: [],
  ...(host === undefined ? {} : { host }),
});
