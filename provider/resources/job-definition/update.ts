import { isSameContent } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import type { JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import type { Computed } from "../../core/types.js";
import type { JobContext } from "./context.js";
import { decideRevision } from "./decide.js";
import { changedMeanwhile, replaceDefinition } from "./define.js";
import type { jobSchema } from "./schema.js";
import {
  computedFrom,
  isFollowed,
  type JobState,
  jobNameOf,
  lastKnownRun,
  waitMs,
  wantedBy,
} from "./state.js";
import { followRun, observeRun, submitRun } from "./submission.js";

type Told = Promise<Computed<typeof jobSchema>>;

/** What is run changes, unless an apply that was cut short has made that change already. */
export async function applyChange(plan: JobState, found: JobDefinitionItem, context: JobContext): Told {
  const wanted = wantedBy(plan);
  const before = await observeRun(context.client, found);
  const decision = decideRevision(found, wanted, before);
  const revision = decision === "revise" ? found.revision + 1 : found.revision;
  const isSame = decision === "keep" && found.run === wanted.run;
  const definition = isSame ? found : await replaceDefinition(found, { ...wanted, revision }, context);
  const earlier = decision === "keep" ? before : null;
  return takeUp(plan, definition, earlier, context);
}

/** Only when it is run, whether that is waited for, or for how long: runs nothing but what was never run. */
export async function applyPolicy(
  plan: JobState,
  prior: JobState,
  found: JobDefinitionItem,
  context: JobContext,
): Told {
  const wanted = wantedBy(plan);
  if (found.revision !== prior.revision || !isSameContent(found, wanted))
    throw changedMeanwhile(jobNameOf(plan));
  const definition =
    found.run === wanted.run ? found : await replaceDefinition(found, { run: wanted.run }, context);
  if (prior.job_id === null)
    return takeUp(plan, definition, await observeRun(context.client, definition), context);
  const run = await context.client.jobs.read(plan.cluster_uuid, prior.job_id);
  if (run === null) return { ...computedFrom(definition, null), ...lastKnownRun(prior) };
  return isJobEnded(run.status) ? computedFrom(definition, run) : takeUp(plan, definition, run, context);
}

/** Submits the definition's run where it shall have one and has none, and follows it where that is asked. */
async function takeUp(
  plan: JobState,
  definition: JobDefinitionItem,
  earlier: JobItem | null,
  context: JobContext,
): Told {
  const run = earlier ?? (plan.run === "on_change" ? await submitRun(definition, context) : null);
  if (run === null || !isFollowed(plan)) return computedFrom(definition, run);
  return computedFrom(definition, await followRun(definition, run.id, waitMs(plan, "update"), context));
}
