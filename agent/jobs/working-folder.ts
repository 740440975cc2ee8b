import { jobFolder } from "../contract/names.js";
import type { JobItem } from "../contract/registry.js";

type PlacedJob = Pick<JobItem, "id" | "request" | "sourceFolder">;

/** Where the job's source is: the folder that its URL names, in the job's own folder; of files on /shared, where they are. Pure. */
export function sourceTopOf({ id, request, sourceFolder = "" }: PlacedJob): string {
  const top = request.source?.shared?.path.replace(/\/$/, "") ?? jobFolder(id);
  return joined(top, sourceFolder);
}

/** Where the job's command starts, on every node. Pure. */
export const workingFolderOf = (job: PlacedJob): string =>
  joined(sourceTopOf(job), job.request.workingFolder ?? "");

const joined = (folder: string, inner: string): string => (inner === "" ? folder : `${folder}/${inner}`);
