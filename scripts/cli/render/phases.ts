import type { AttemptItem } from "../../../agent/contract/job-attempt.js";
import { JOB_PHASES, type JobPhase } from "../../../agent/contract/job-state.js";
import type { JobItem } from "../../../agent/contract/registry.js";
import { renderTable } from "./table.js";

type PhaseTimes = JobItem["phaseTimes"];

/** The waits before an attempt: the first one's in the queue, another's for its time. */
const WAITS: readonly JobPhase[] = ["queued", "retrying"];
const PHASES = JOB_PHASES.filter((phase) => phase !== "ended" && !WAITS.includes(phase));

/** How long each phase took that another has followed, in seconds. Pure. */
function phaseSeconds(times: PhaseTimes): ReadonlyMap<JobPhase, number> {
  const known = JOB_PHASES.flatMap((phase) => {
    const atMs = Date.parse(times[phase] ?? "");
    return Number.isNaN(atMs) ? [] : [{ phase, atMs }];
  }).sort((a, b) => a.atMs - b.atMs);
  return new Map(
    known
      .slice(0, -1)
      .map(({ phase, atMs }, index) => [phase, ((known[index + 1]?.atMs ?? atMs) - atMs) / 1_000]),
  );
}

/** A table of how long each attempt waited and was in each phase. Nothing if there are no attempts. Pure. */
export function renderPhases(
  attempts: readonly Pick<AttemptItem, "number" | "phaseTimes">[],
): readonly string[] {
  return renderTable(
    ["ATTEMPT", "WAITED", ...PHASES.map((phase) => phase.toUpperCase())],
    attempts.map(({ number, phaseTimes }) => {
      const seconds = phaseSeconds(phaseTimes);
      const shown = (phase: JobPhase) => {
        const value = seconds.get(phase);
        return value === undefined ? "" : `${value.toFixed(1)} s`;
      };
      return [String(number), WAITS.map(shown).join(""), ...PHASES.map(shown)];
    }),
  );
}
