import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { ScheduleItem } from "../../../agent/contract/job-schedule-state.js";
import { describeSchedule, nextSlot, scheduleProblems } from "../../../agent/contract/job-slots.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import type { DefinitionSummary, JobState } from "../core/ports.js";
import { requestFacts } from "./request.js";

/** A definition, and the last job of it that was submitted; null: there is none. */
export interface DefinitionWithJob<D extends DefinitionSummary = DefinitionSummary> {
  readonly definition: D;
  readonly lastJob: JobState | null;
}

/** The next slot after `now`; "" where there is none. A schedule that can't be followed has none. */
function nextOf(schedule: JobSchedule | undefined, now: Date): string {
  if (schedule === undefined || !scheduleProblems(schedule).next().done) return "";
  return nextSlot(schedule, now)?.toISOString() ?? "";
}

export const DEFINITION_HEADINGS = [
  ...["DEFINITION", "REVISION", "RUN", "SCHEDULE", "NEXT SLOT", "LAST JOB", "STATUS", "COMMAND"],
] as const;
/** A definition's row in a table of them. Pure. */
export const definitionRow = (
  { definition: { name, revision, run, schedule, request }, lastJob }: DefinitionWithJob,
  now: Date,
): readonly string[] => [
  name,
  String(revision),
  run,
  schedule === undefined ? "" : describeSchedule(schedule),
  nextOf(schedule, now),
  lastJob?.id ?? "",
  lastJob?.status ?? "",
  request.command.join(" "),
];

/** The newest slots without a job. Pure. */
function missedText({ missedCount, missed }: ScheduleItem): string | null {
  const newest = missed.at(-1);
  return newest === undefined ? null : `${missedCount}, the last at ${newest.last}: ${newest.reason}`;
}

/** Everything about one definition. `progress`: how far its schedule is, where a head has seen it. Variables' values are not shown. Pure. */
export function renderDefinition(
  { definition, lastJob }: DefinitionWithJob<JobDefinitionItem>,
  progress: ScheduleItem | null,
  now: Date,
): readonly string[] {
  const { name, revision, run, schedule, request, createdAt, updatedAt } = definition;
  const { startingDeadlineSeconds, ifRunning } = schedule ?? {};
  const facts: readonly (readonly [string, string | null])[] = [
    ["definition", name],
    ["revision", String(revision)],
    ["run", run],
    ["schedule", schedule === undefined ? null : describeSchedule(schedule)],
    ["next slot", nextOf(schedule, now) || null],
    ["last slot", progress?.lastSlot ?? null],
    ["no job", progress === null ? null : missedText(progress)],
    ["problem", progress?.reason ?? null],
    ["deadline", startingDeadlineSeconds === undefined ? null : `${startingDeadlineSeconds} s`],
    ["if running", ifRunning ?? null],
    [
      "last job",
      lastJob === null ? null : `${lastJob.id}, ${lastJob.status}, submitted ${lastJob.submittedAt}`,
    ],
    ["created", createdAt],
    ["changed", updatedAt],
    ...requestFacts(request),
  ];
  return facts.flatMap(([fact, value]) => (value === null ? [] : [`${fact.padEnd(12)}${value}`]));
}
