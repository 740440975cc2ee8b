import { type Static, Type } from "@sinclair/typebox";
import { AttemptItem } from "./job-attempt.js";
import { firstWordProblem, unusedScriptProblem } from "./job-command.js";
import { environmentProblem, JOB_LIMITS, textProblem, variableProblem, wordProblem } from "./job-request.js";
import { requestRules } from "./job-rules.js";
import { JOB_PHASES, JOB_STATUSES } from "./job-state.js";
import { choiceProblems, listProblems, placeOf, schemaProblems, shownValue } from "./problems.js";
import { JobItem, JobRequest } from "./registry.js";
import { shownSource } from "./source-problems.js";

/**
 * Every problem of a job's request, a line each: where it is, the value got, what is allowed. At most MAX_PROBLEMS lines and one
 * more that counts the rest, each of a few hundred characters at most, however large the request is. HTTP, the commands and the
 * head use the same rules; the head too, because anyone with access to the table can write a request. Pure.
 */
export function requestProblems(request: unknown): string[] {
  if (!isRecord(request)) return listProblems(schemaProblems(JobRequest, request, "request"));
  return listProblems(problemsOf(request));
}

function* problemsOf({ environment, ...given }: Readonly<Record<string, unknown>>): Generator<string> {
  const rest = given["source"] === undefined ? given : { ...given, source: shownSource(given["source"]) };
  const { command } = rest;
  // A list that is too long is one problem, not one for each of its items.
  const isTooLong = Array.isArray(command) && command.length > JOB_LIMITS.words;
  if (isTooLong) {
    yield `command: has ${command.length} words; a job may have ${JOB_LIMITS.words}`;
    yield* schemaProblems(JobRequest, { ...rest, command: ["-"] });
  } else {
    yield* schemaProblems(JobRequest, rest);
    yield* wordProblems(command);
  }
  yield* choiceProblems(JobRequest, rest);
  yield* scriptProblems(rest["script"]);
  yield* ruleProblems(given);
  if (!isTooLong) yield* programProblems(rest);
  if (environment !== undefined) yield* environmentProblems(environment);
}

function* wordProblems(command: unknown): Generator<string> {
  if (!Array.isArray(command)) return;
  for (const [index, word] of command.entries()) {
    const problem = typeof word === "string" ? wordProblem(word) : null;
    if (problem !== null) yield `command.${index}: ${shownValue(word)} ${problem}`;
  }
}

/** Checks what the command runs, if command and script are valid by themselves. */
function* programProblems({ command, script }: Readonly<Record<string, unknown>>): Generator<string> {
  if (!Array.isArray(command) || !command.every((word) => typeof word === "string")) return;
  const name = isRecord(script) && typeof script["name"] === "string" ? script["name"] : undefined;
  const first = firstWordProblem(command, name);
  if (first !== null) yield `command.0: ${shownValue(command[0])} ${first}`;
  const unused = name === undefined || command.length === 0 ? null : unusedScriptProblem(command, name);
  if (unused !== null) yield `script.name: ${shownValue(name)} ${unused}`;
}

function* scriptProblems(script: unknown): Generator<string> {
  if (!isRecord(script)) return;
  const { content } = script;
  const spoilt = typeof content === "string" ? textProblem(content) : null;
  if (spoilt !== null) yield `script.content: ${spoilt}`;
}

/** As muster.yaml and Terraform have them too. */
function* ruleProblems(request: Readonly<Record<string, unknown>>): Generator<string> {
  for (const { path, message } of requestRules(request)) yield `${placeOf(...path.map(String))}: ${message}`;
}

function* environmentProblems(environment: unknown): Generator<string> {
  if (!isRecord(environment)) {
    yield `environment: got ${shownValue(environment)}; expected an object of names and texts`;
    return;
  }
  const problem = environmentProblem(environment);
  if (problem !== null) {
    yield `environment: ${problem}`;
    return;
  }
  for (const [name, value] of Object.entries(environment)) {
    const wrong = variableProblem(name, value);
    if (wrong !== null) yield `${placeOf("environment", name)}: ${wrong}`;
  }
}

const QUEUED = ["id", "status", "phase", "submittedAt", "leaseGeneration", "cancelRequested"] as const;
/** A job as the queue shows it: enough to choose the next one. */
export const QueuedJob = Type.Pick(JobItem, QUEUED);
export type QueuedJob = Static<typeof QueuedJob>;
/** The attributes that a query of the queue reads. */
export const QUEUE_ATTRIBUTES: readonly string[] = QUEUED;

const Rest = Type.Omit(JobItem, ["request"]);
const FINE = null;

/** Why an entry of the queue is not a QueuedJob; null: it is one. Only its first problem. Pure. */
export function queuedJobProblem(entry: unknown, id: string): string | null {
  const problem = firstProblem(QueuedJob, entry);
  if (problem !== null) return problem;
  const { id: named, status, phase } = entry as QueuedJob;
  if (named !== id) return "id: is not that of its key";
  // The schemas give these as texts: TypeBox does not look at their enumerations.
  if (!JOB_STATUSES.includes(status))
    return `status: got ${shownValue(status)}; expected ${JOB_STATUSES.join(", ")}`;
  return JOB_PHASES.includes(phase)
    ? FINE
    : `phase: got ${shownValue(phase)}; expected ${JOB_PHASES.join(", ")}`;
}

/** Why an item is not a job, without looking into its request; null: it is a JobItem except for its request. Only its first problem. Pure. */
export function jobItemProblem(item: unknown, id: string, clusterUuid: string): string | null {
  const problem = firstProblem(Rest, item) ?? queuedJobProblem(item, id);
  if (problem !== null) return problem;
  const { request, clusterUuid: uuid } = item as { request?: unknown; clusterUuid: unknown };
  if (uuid !== clusterUuid) return "clusterUuid: is another cluster's";
  return isRecord(request) ? FINE : `request: got ${shownValue(request)}; expected an object`;
}

/** As jobItemProblem, and its request can be shown, although it may not be valid. */
export const shownJobProblem = (item: unknown, id: string, clusterUuid: string): string | null =>
  jobItemProblem(item, id, clusterUuid) ?? firstProblem(Type.Pick(JobItem, ["request"]), item);

/** Whether an item is the record of an attempt. Pure. */
export const isAttempt = (item: unknown): item is AttemptItem =>
  firstProblem(AttemptItem, item) === null && JOB_STATUSES.includes((item as AttemptItem).status);

function firstProblem(schema: Parameters<typeof schemaProblems>[0], value: unknown): string | null {
  const [first = null] = schemaProblems(schema, value, "item");
  return first;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
