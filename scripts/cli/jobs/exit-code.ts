import { EXIT } from "../core/exit.js";
import type { JobState } from "../core/ports.js";

const HIGHEST_CODE = 125;

/** The job's exit code, if it means a failure and a process can return it. Pure. */
export function exitCodeOf({ status, exitCode }: Pick<JobState, "status" | "exitCode">): number {
  if (status === "FINISHED") return EXIT.done;
  return exitCode !== null && exitCode >= 1 && exitCode <= HIGHEST_CODE ? exitCode : EXIT.failed;
}
