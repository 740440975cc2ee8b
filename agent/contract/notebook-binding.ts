import { notebookSubmitter } from "./notebook.js";
import { type Because, because } from "./reasons.js";
import type { ClusterItem, JobItem } from "./registry.js";

/*
 * Who may use a cluster that notebooks are attached to. While the node of a notebook is there, the cluster runs that notebook's jobs and
 * no others, unless it is shared. One rule for the head, every way in, and what people are shown.
 */

/** How many notebooks META names. */
export const MAX_BINDING_NOTEBOOKS = 16;

/** What of META says which notebooks bind the cluster. */
export type BindableCluster = Pick<ClusterItem, "clusterStatus" | "notebooks" | "shareWithNotebooks">;

/** The names of the notebooks that bind the cluster. A parked one has no head that would say so, and binds to none. Pure. */
export const bindingNotebooks = ({
  clusterStatus,
  notebooks = [],
  shareWithNotebooks = false,
}: BindableCluster): readonly string[] => (shareWithNotebooks || clusterStatus === "PARKED" ? [] : notebooks);

/** Whether a job of that submitter runs on a cluster that these notebooks bind: it is one of theirs, or there is none. Pure. */
export const runsBeside = (
  { submittedBy = null }: Partial<Pick<JobItem, "submittedBy">>,
  notebooks: readonly string[],
): boolean => notebooks.length === 0 || notebooks.some((name) => submittedBy === notebookSubmitter(name));

/** "notebook explore", "notebooks a and b": which have the cluster. Pure. */
export const nameNotebooks = (names: readonly string[]): string =>
  `${names.length === 1 ? "notebook" : "notebooks"} ${names.join(" and ")}`;

/** Why a job that does not wait is refused; null: it may wait, or run. Pure. */
export function notebookRefusal(
  job: Pick<JobItem, "request" | "submittedBy">,
  notebooks: readonly string[],
): Because<"cluster-busy"> | null {
  if (job.request.ifBusy !== "refuse" || runsBeside(job, notebooks)) return null;
  return because(
    "cluster-busy",
    `${nameNotebooks(notebooks)} ${notebooks.length === 1 ? "has" : "have"} the cluster, and this job does not wait (ifBusy: refuse)`,
  );
}
