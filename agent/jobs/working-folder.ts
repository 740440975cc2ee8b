import { jobFolder } from "../contract/names.js";
import type { JobItem } from "../contract/registry.js";

type PlacedJob = Pick<JobItem, "id" | "request">;

/** Where the job's source is: in the job's own folder; of files on /shared, where they are. Pure. */
export const sourceTopOf = ({ id, request }: PlacedJob): string =>
  request.source?.shared?.path.replace(/\/$/, "") ?? jobFolder(id);

/** Where the job's command starts, on every node. Pure. */
export function workingFolderOf(job: PlacedJob): string {
  const { workingFolder } = job.request;
  return workingFolder === undefined ? sourceTopOf(job) : `${sourceTopOf(job)}/${workingFolder}`;
}
