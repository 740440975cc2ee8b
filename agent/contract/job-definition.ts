import { isSameRequest, type JobOrigin, jobIdFor, newJob } from "./job.js";
import { definitionSk, partitionKeyed } from "./keys.js";
import type { JobDefinitionItem, JobItem } from "./registry.js";

/** What a definition runs. A change of it is a new revision. */
export type DefinitionContent = Pick<JobDefinitionItem, "request" | "triggers">;

/** Whether two definitions run the same thing, for the same triggers. */
export function isSameContent(a: DefinitionContent, b: DefinitionContent): boolean {
  return isSameRequest(a.request, b.request) && isSameTriggers(a.triggers, b.triggers);
}

/** The idempotency key of apply's run of a revision. It depends on nothing else, so a revision can't be submitted twice. */
const revisionKey = ({ id, revision }: JobDefinitionItem): string => `definition:${id}:${revision}`;

/** The idempotency key of a slot's job: a slot that is submitted again, by another head, finds the first job. */
export const slotKey = ({ id }: Pick<JobDefinitionItem, "id">, slot: Date): string =>
  `definition:${id}:slot:${slot.toISOString()}`;

/** The id of the job that apply makes of the definition's revision. */
export const revisionJobId = (definition: JobDefinitionItem): string =>
  jobIdFor(definition.clusterUuid, revisionKey(definition));

/** A job of the definition as it is: under `idempotencyKey`, by default its revision's own. Put it as any new job. */
export function jobOf(
  definition: JobDefinitionItem,
  submittedAt: Date,
  idempotencyKey: string = revisionKey(definition),
  origin: Omit<JobOrigin, "definition"> = {},
): JobItem {
  const { clusterUuid, id, name, revision, request } = definition;
  return newJob(clusterUuid, idempotencyKey, request, submittedAt, {
    ...origin,
    definition: { id, name, revision },
  });
}

/** The definition's key in the table. */
export const definitionKey = (clusterUuid: string, name: string) =>
  partitionKeyed(clusterUuid, definitionSk(name));

const isSameTriggers = (a: DefinitionContent["triggers"], b: DefinitionContent["triggers"]): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, value]) => Object.hasOwn(b, name) && b[name] === value);
