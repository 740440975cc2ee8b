import type { JobSchedule } from "../../../agent/contract/job-schedule.js";
import type { JobDefinitionItem } from "../../../agent/contract/registry.js";
import { DEFAULT_TIME_ZONE } from "../../../agent/contract/schedule-policy.js";
import type { DefinitionSummary, JobState } from "../core/ports.js";
import { requestFacts } from "./request.js";
import { renderTable } from "./table.js";

/** A definition, and the last job of it that was submitted; null: there is none. */
export interface DefinitionWithJob<D extends DefinitionSummary = DefinitionSummary> {
  readonly definition: D;
  readonly lastJob: JobState | null;
}

/** When its jobs start by themselves, in a few words. Pure. */
function renderSchedule(schedule: JobSchedule | undefined): string {
  if (schedule === undefined) return "";
  const { at, cron, timeZone = DEFAULT_TIME_ZONE } = schedule;
  return at === undefined ? `${cron ?? ""} (${timeZone})` : `at ${at}`;
}

/** A table, by name. Pure. */
export const renderDefinitions = (definitions: readonly DefinitionWithJob[]): readonly string[] =>
  renderTable(
    ["DEFINITION", "REVISION", "RUN", "SCHEDULE", "LAST JOB", "STATUS", "COMMAND"],
    definitions.map(({ definition: { name, revision, run, schedule, request }, lastJob }) => [
      name,
      String(revision),
      run,
      renderSchedule(schedule),
      lastJob?.id ?? "",
      lastJob?.status ?? "",
      request.command.join(" "),
    ]),
  );

/** Everything about one definition. Variables' values are not shown. Pure. */
export function renderDefinition({
  definition,
  lastJob,
}: DefinitionWithJob<JobDefinitionItem>): readonly string[] {
  const { name, revision, run, schedule, request, createdAt, updatedAt } = definition;
  const { startingDeadlineSeconds, ifRunning } = schedule ?? {};
  const facts: readonly (readonly [string, string | null])[] = [
    ["definition", name],
    ["revision", String(revision)],
    ["run", run],
    ["schedule", renderSchedule(schedule) || null],
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
