import { renderDuration } from "../../../agent/contract/duration.js";
import type { KnownReport } from "../../../agent/contract/image/report.js";
import type { ImageReasonCode } from "../../../agent/contract/reasons.js";
import type { Builder } from "../../client/image-ports.js";

/** How far a bake is. `failed`: waiting longer can't help. */
export type BakeProgress =
  /** The builder has stopped, and its disk is what the AMI is made of. */
  | { readonly kind: "finished" }
  | { readonly kind: "waiting"; readonly summary: string }
  | { readonly kind: "failed"; readonly reasonCode: ImageReasonCode; readonly reason: string };

/** One look at a bake. */
export interface BakeLook {
  /** Null: EC2 does not know it, or not yet. */
  readonly builder: Builder | null;
  /** Null: there is none yet; a text: it can't be read, completing "it ...". */
  readonly report: KnownReport | string | null;
  /** Since the builder was started. */
  readonly elapsedMs: number;
  /** Since the report last changed, or the builder was started. */
  readonly silentMs: number;
}

/** A builder puts its report every 20 s. Its first one comes after its boot, and after it has the recipe. */
const SILENT_MS = 300_000;
const FIRST_REPORT_MS = 900_000;
/** EC2's parts know a new instance within seconds. */
const UNKNOWN_MS = 60_000;

const failed = (reasonCode: ImageReasonCode, reason: string): BakeProgress => ({
  kind: "failed",
  reasonCode,
  reason,
});

/** Judges a bake by what the builder says and what EC2 sees of it. What the builder says of a failure comes first. Pure. */
export function judgeBake(look: BakeLook): BakeProgress {
  const { builder, report, elapsedMs } = look;
  if (report !== null && typeof report !== "string" && report.ok === false) return judgeFailure(report);
  if (builder === null && elapsedMs < UNKNOWN_MS)
    return { kind: "waiting", summary: "EC2 starts the builder" };
  if (builder === null) return failed("image-builder-lost", "EC2 does not know the builder any more");
  switch (builder.state) {
    case "stopped":
      return typeof report === "object" && report?.ok === true ? { kind: "finished" } : lost(builder, look);
    case "stopping":
      return { kind: "waiting", summary: "the builder powers off" };
    case "terminated":
    case "shutting-down":
      return lost(builder, look);
    default:
      return judgeRunning(builder, look);
  }
}

function judgeRunning({ id, state }: Builder, { report, silentMs }: BakeLook): BakeProgress {
  const patience = report === null ? FIRST_REPORT_MS : SILENT_MS;
  if (silentMs >= patience) {
    const since = report === null ? "put no report" : `not changed its report (${renderReport(report)})`;
    return failed(
      "image-builder-silent",
      `builder ${id} is ${state}, but has ${since} for ${renderDuration(silentMs)}`,
    );
  }
  return { kind: "waiting", summary: report === null ? `builder ${id} is ${state}` : renderReport(report) };
}

const lost = ({ id, state, stateReason }: Builder, { report }: BakeLook): BakeProgress =>
  failed(
    "image-builder-lost",
    `builder ${id} is ${state} (${stateReason ?? "EC2 gives no reason"}), and its last report was: ${report === null ? "none" : renderReport(report)}`,
  );

function judgeFailure({ phase, step, steps }: KnownReport): BakeProgress {
  const exit = steps.find(({ exitCode }) => exitCode !== 0)?.exitCode;
  const what = `the step "${step}" has failed${exit === undefined ? "" : ` with exit code ${exit}`}`;
  if (phase === "preparing") return failed("image-recipe-unavailable", what);
  return failed(phase === "checks" ? "image-check-failed" : "image-step-failed", what);
}

/** In one line: where it is. */
function renderReport(report: KnownReport | string): string {
  if (typeof report === "string") return `a report that ${report}`;
  const { phase, step, steps } = report;
  return phase === "done" ? "all steps are done" : `${phase}: ${step} (${steps.length} steps done)`;
}
