import { renderLog } from "../../../agent/contract/job.js";
import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import type { JobUsage } from "../../../agent/contract/job-usage.js";
import type { FailedNode, JobItem } from "../../../agent/contract/registry.js";
import type { JobState, JobSummary } from "../core/ports.js";
import { renderPhases } from "./phases.js";
import { requestFacts } from "./request.js";
import { renderTable } from "./table.js";

/** From its submission to its end, in seconds; 0 before the end. Pure. */
export function secondsOf({ submittedAt, endedAt }: Pick<JobItem, "submittedAt" | "endedAt">): number {
  return Math.round((Date.parse(endedAt ?? submittedAt) - Date.parse(submittedAt)) / 100) / 10;
}

/** How a job ended, in a line. Pure. */
export function renderEnd(job: JobState): string {
  const code = job.exitCode === null ? "" : ` with exit code ${job.exitCode}`;
  const why = job.reason === null ? "" : `: ${job.reason}`;
  return `job ${job.id}: ${job.status}${code}${why}, ${secondsOf(job).toFixed(1)} s after its submission`;
}

/** Where its log is; its last lines if the log was not delivered. Pure. */
export function renderLogLines(
  job: Pick<JobState, "log" | "logState" | "logReason" | "lastLines">,
): readonly string[] {
  const where = `log: ${renderLog(job)}`;
  if (job.log !== null || job.lastLines.length === 0) return [where];
  return [`${where}; its last lines:`, ...job.lastLines.map((line) => `  ${line}`)];
}

/** Everything about one job, its attempts last. `waits`: what it waits for, if it has not ended. Pure. */
export function renderJob(
  job: JobItem,
  attempts: readonly AttemptItem[],
  waits: string | null,
): readonly string[] {
  const { definition, request } = job;
  const facts: readonly (readonly [string, string | null])[] = [
    ["job", job.id],
    ["status", waits ?? `${job.status}, ${job.phase}`],
    ["phase since", job.endedAt === null ? (job.phaseTimes[job.phase] ?? null) : null],
    ["reason", job.reason],
    ["reason code", job.reasonCode],
    ["failed node", job.failedNode === null ? null : renderNode(job.failedNode)],
    ["left out", job.leftOut.length === 0 ? null : job.leftOut.map(renderNode).join(", ")],
    ["exit code", textOf(job.exitCode)],
    ["definition", definition === undefined ? null : `${definition.name}, revision ${definition.revision}`],
    ["slot", job.slot],
    ...requestFacts(request),
    ["version", job.sourceVersion],
    ["attempt", attemptText(job)],
    ["next try", job.retryAt],
    ["ranks", textOf(job.ranks)],
    ["used", job.usage === null ? null : renderUsage(job.usage)],
    ["submitted", job.submittedAt],
    ["by", job.submittedBy],
    ["started", job.startedAt],
    ["ended", job.endedAt],
    ["log", job.endedAt === null ? null : renderLog(job)],
  ];
  const shown = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(12)}${value}`]));
  const last =
    job.log === null && job.lastLines.length > 0
      ? ["last lines", ...job.lastLines.map((line) => `  ${line}`)]
      : [];
  const tables = [renderAttempts(attempts), renderPhases(attempts)].filter((table) => table.length > 0);
  return [...shown, ...last, ...tables.flatMap((table) => ["", ...table])];
}

const renderNode = ({ address, instanceId }: Pick<FailedNode, "address" | "instanceId">): string =>
  instanceId === undefined ? address : `${instanceId} (${address})`;

/** "3.4 CPU seconds on 2 nodes; at most 1.2 GiB of memory, on 10.0.0.5; 1 node has not said what was used there". */
function renderUsage({
  nodes,
  silentNodes,
  peakMemoryBytes,
  peakMemoryAddress,
  cpuSeconds,
  network,
}: JobUsage): string {
  const cpu = `${cpuSeconds.toFixed(1)} CPU seconds on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
  const memory =
    peakMemoryBytes === null
      ? "memory is not counted there"
      : `at most ${(peakMemoryBytes / 2 ** 30).toFixed(2)} GiB of memory, on ${peakMemoryAddress}`;
  const silent =
    silentNodes === 0 ? [] : [`${silentNodes} ${silentNodes === 1 ? "node has" : "nodes have"} not said it`];
  const over = network === undefined ? [] : [`MPI over ${network}`];
  return [cpu, memory, ...over, ...silent].join("; ");
}

const renderAttempts = (attempts: readonly AttemptItem[]): readonly string[] =>
  renderTable(
    [
      "ATTEMPT",
      "STATUS",
      "NODE",
      "RANKS",
      "STARTED",
      "ENDED",
      "EXIT CODE",
      "REASON CODE",
      "FAILED NODE",
      "LOG",
    ],
    attempts.map((attempt) => [
      String(attempt.number),
      statusOf(attempt),
      attempt.launchedOn?.address ?? "",
      textOf(attempt.ranks) ?? "",
      attempt.startedAt ?? "",
      attempt.endedAt ?? "",
      textOf(attempt.exitCode) ?? "",
      attempt.reasonCode ?? "",
      attempt.failedNode?.address ?? "",
      attempt.log?.uri ?? attempt.logState,
    ]),
  );

const statusOf = ({ status, phase }: Pick<JobItem, "status" | "phase">): string =>
  status === "INPROGRESS" ? `${status}, ${phase}` : status;

const textOf = (value: number | null): string | null => (value === null ? null : String(value));

/** "1 of 3": its last attempt, of all that it may have; null before its launch. Pure. */
function attemptText({ attempt, request }: Pick<JobSummary, "attempt" | "request">): string | null {
  if (attempt === null) return null;
  return request.retries === undefined ? String(attempt) : `${attempt} of ${request.retries.count + 1}`;
}

export const JOB_HEADINGS = ["JOB", "STATUS", "ATTEMPT", "SUBMITTED", "BY", "SECONDS", "WHAT"] as const;
/** A job's row in a table of them. Pure. */
export const jobRow = (job: JobSummary): readonly string[] => [
  job.id,
  job.retryAt === null ? statusOf(job) : `${statusOf(job)}, next try ${job.retryAt}`,
  attemptText(job) ?? "",
  job.submittedAt,
  shortName(job.submittedBy),
  job.endedAt === null ? "" : secondsOf(job).toFixed(1),
  whatOf(job),
];

/** An ARN's last part: `user/ada`. */
const shortName = (submittedBy: string | null): string =>
  submittedBy?.startsWith("arn:") ? (submittedBy.split(":").at(-1) ?? "") : (submittedBy ?? "");

function whatOf({ definition, slot, request }: JobSummary): string {
  const what = definition?.name ?? request.command.join(" ");
  return slot === null ? what : `${what} of ${slot}`;
}
