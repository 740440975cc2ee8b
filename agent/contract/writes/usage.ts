import { jobSk, notebookUsageSk, PARTITION_KEY, SORT_KEY, usagePk } from "../keys.js";
import type { NotebookInterval, NotebookItem } from "../notebook.js";
import { notebookUsageItem } from "../notebook-usage.js";
import type { ClusterItem } from "../registry.js";
import { closedUsage, type JobUsageItem, monthOf, type UsageItem, usageItem } from "../usage.js";
import { jobPart, type UsingJob } from "../usage-report.js";
import { absent, legal, type Put } from "./write.js";

/** The legal writes of `USAGE#<cluster>`: `<from>`, `JOB#<id>` and `NOTEBOOK#<name>#<from>`. */
export const usageWrites = {
  record: legal(
    {
      by: ["head", "provider", "submitter"],
      why: "An interval has ended. Its key is its begin: whichever writes it again, and however often, it counts once.",
    },
    (usage: UsageItem): Put => ({
      write: "put",
      key: { [PARTITION_KEY]: usagePk(usage.clusterUuid), [SORT_KEY]: usage.from },
      item: usage,
      condition: absent(PARTITION_KEY),
    }),
  ),
  recordJob: legal(
    {
      by: ["provider"],
      why: "A cluster goes, and its jobs with it: what a job has used stays. Its key is the job's: however often it is written, it counts once.",
    },
    (usage: JobUsageItem): Put => ({
      write: "put",
      key: { [PARTITION_KEY]: usagePk(usage.clusterUuid), [SORT_KEY]: jobSk(usage.jobId) },
      item: usage,
      condition: absent(PARTITION_KEY),
    }),
  ),
  recordNotebook: legal(
    {
      by: ["node", "provider"],
      why: "An interval of a notebook's node has ended. Its key is the notebook's name and its begin: however often it is written, it counts once.",
    },
    (notebook: Pick<NotebookItem, "name" | "org">, interval: NotebookInterval, clusterName: string): Put => ({
      write: "put",
      key: {
        [PARTITION_KEY]: usagePk(interval.clusterUuid),
        [SORT_KEY]: notebookUsageSk(notebook.name, interval.from),
      },
      item: notebookUsageItem(notebook, interval, clusterName),
      condition: absent(PARTITION_KEY),
    }),
  ),
} as const;

/** The records of all that a cluster has used whose nodes are no longer wanted. Pure. */
export function closingRecords(cluster: ClusterItem): readonly Put[] {
  if (cluster.usage === undefined) return [];
  return closedUsage(cluster.usage, cluster).toRecord.map((part) =>
    usageWrites.record(usageItem(cluster, part)),
  );
}

/** The records of what a cluster's jobs have used that have ended. `instanceType`: of its last usage record. Pure. */
export function jobRecords(
  { uuid, name, org }: ClusterItem,
  jobs: readonly UsingJob[],
  instanceType: string,
): readonly Put[] {
  return jobs.flatMap((job) => {
    const part = jobPart(job, { clusterUuid: uuid, clusterName: name, instanceType });
    return part === null ? [] : [usageWrites.recordJob({ ...part, month: monthOf(part.to), org })];
  });
}
