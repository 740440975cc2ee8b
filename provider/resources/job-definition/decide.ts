import { isClosed } from "../../../agent/contract/cluster-state.js";
import { type DefinitionContent, isSameContent } from "../../../agent/contract/job-definition.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import type { ClusterItem, JobDefinitionItem, JobItem } from "../../../agent/contract/registry.js";
import { byText } from "../../../agent/contract/text-order.js";
import type { DefinitionState, WantedDefinition } from "./state.js";

/**
 * Whether the apply that wrote the definition came to its end, as far as `state` waits for it. Where it did not (the job
 * failed, or the apply was cut short), the next plan has to show a change, whatever is configured by then. `isUnfollowed`:
 * it was a create that was interrupted while it waited.
 */
export function isApplySettled(
  { revision, run: policy }: JobDefinitionItem,
  job: JobItem | null,
  state: DefinitionState,
  isUnfollowed: boolean,
): boolean {
  // `wait` is unset only right after an import, when there was no apply.
  const isImported = (state.wait as boolean | null) === null;
  const isKnown = revision === state.revision && policy === state.run;
  if (isImported || policy === "manual" || (isKnown && !isUnfollowed)) return true;
  return state.wait ? job?.status === "FINISHED" : job !== null;
}

/**
 * What an update that changes what is run has to do: "revise" = a new revision; "keep" = the definition is as wanted
 * already, by an apply that was cut short, so its job is taken up. A job that failed is not: the definition is run again.
 */
export function decideRevision(
  definition: DefinitionContent,
  wanted: WantedDefinition,
  job: JobItem | null,
): "revise" | "keep" {
  if (!isSameContent(definition, wanted)) return "revise";
  const hasFailed =
    wanted.run === "on_change" && job !== null && isJobEnded(job.status) && job.status !== "FINISHED";
  return hasFailed ? "revise" : "keep";
}

/** The job that stands for a definition whose apply submitted none: the latest that was submitted by hand at its revision; a slot's is the schedule's. */
export function latestJob<T extends Pick<JobItem, "definition" | "slot" | "submittedAt">>(
  jobs: readonly T[],
  { id, revision }: JobDefinitionItem,
): T | null {
  const own = jobs.filter(
    ({ definition, slot = null }) =>
      definition?.id === id && definition.revision === revision && slot === null,
  );
  return own.toSorted((a, b) => byText(a.submittedAt, b.submittedAt)).at(-1) ?? null;
}

/** Why a cluster does not accept jobs, in a few words; null: it does. */
export function closedBecause(cluster: ClusterItem | null): string | null {
  if (cluster === null) return "it is not in the registry";
  const { clusterStatus: status, phase } = cluster;
  return isClosed(cluster) ? `it is ${status} (${phase})` : null;
}
