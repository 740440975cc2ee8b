import { byText } from "../../../agent/contract/text-order.js";
import type { JobSummary } from "../core/ports.js";
import type { RouteDeps } from "./deps.js";

/** All jobs of a cluster, the newest first; shared by all who ask within moments. The page counts and searches them. */
export const readAllJobs = (
  { access, reads }: Pick<RouteDeps, "access" | "reads">,
  uuid: string,
): Promise<readonly JobSummary[]> =>
  reads.read(`jobs ${uuid}`, async () => {
    const jobs = await Array.fromAsync(access.jobs.each(uuid));
    return jobs.sort((a, b) => byText(b.submittedAt, a.submittedAt));
  });
