import { isSameContent } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import type { JobDefinitionContext } from "./context.js";
import { decideRevision } from "./decide.js";
import { applyDedication } from "./dedicate.js";
import { changedMeanwhile, replaceDefinition } from "./define.js";
import { isSameSchedule } from "./request.js";
import {
  type ComputedDefinition,
  computedDefinition,
  type DefinitionState,
  definitionNameOf,
  isFollowed,
  lastKnownJob,
  type WantedDefinition,
  waitMs,
  wantedBy,
} from "./state.js";
import { awaitJob, observeJob, submitRevision } from "./submission.js";

/** What runs has changed, unless an interrupted apply has already made that change. */
export async function applyContent(
  plan: DefinitionState,
  prior: DefinitionState,
  found: JobDefinitionItem,
  context: JobDefinitionContext,
): Promise<ComputedDefinition> {
  const wanted = wantedBy(plan);
  const before = await observeJob(context.client, found);
  const decision = decideRevision(found, wanted, before);
  const revision = decision === "revise" ? found.revision + 1 : found.revision;
  const isSame = decision === "keep" && isSamePolicy(found, wanted);
  const definition = isSame ? found : await replaceDefinition(found, { ...wanted, revision }, context);
  const earlier = decision === "keep" ? before : null;
  await applyDedication(plan, prior, definition, context);
  return takeUpJob(plan, definition, earlier, context);
}

/** Only when it is run, whether that is waited for, or for how long: submits nothing but what was never submitted. */
export async function applyPolicy(
  plan: DefinitionState,
  prior: DefinitionState,
  found: JobDefinitionItem,
  context: JobDefinitionContext,
): Promise<ComputedDefinition> {
  const wanted = wantedBy(plan);
  if (found.revision !== prior.revision || !isSameContent(found, wanted))
    throw changedMeanwhile(definitionNameOf(plan));
  const { run, schedule } = wanted;
  const definition = isSamePolicy(found, wanted)
    ? found
    : await replaceDefinition(found, { run, schedule }, context);
  await applyDedication(plan, prior, definition, context);
  if (prior.job_id === null)
    return takeUpJob(plan, definition, await observeJob(context.client, definition), context);
  const job = await context.client.jobs.read(plan.cluster_uuid, prior.job_id);
  if (job === null) return { ...computedDefinition(definition, null), ...lastKnownJob(prior) };
  return isJobEnded(job.status)
    ? computedDefinition(definition, job)
    : takeUpJob(plan, definition, job, context);
}

/** When it runs, beside what it runs. */
const isSamePolicy = (found: JobDefinitionItem, wanted: WantedDefinition): boolean =>
  found.run === wanted.run && isSameSchedule(found.schedule, wanted.schedule);

/** Submits the definition's job where it shall have one and has none, and follows it where that is asked. */
async function takeUpJob(
  plan: DefinitionState,
  definition: JobDefinitionItem,
  earlier: JobItem | null,
  context: JobDefinitionContext,
): Promise<ComputedDefinition> {
  const job = earlier ?? (plan.run === "on_change" ? await submitRevision(definition, context) : null);
  if (job === null || !isFollowed(plan)) return computedDefinition(definition, job);
  return computedDefinition(definition, await awaitJob(definition, job.id, waitMs(plan, "update"), context));
}
