import { type Command, InvalidArgumentError, Option } from "commander";
import { JOB_STATUSES, type JobStatus } from "../../../agent/contract/job-state.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import type { JobSummary } from "../core/ports.js";
import { JOB_HEADINGS, jobRow } from "../render/job.js";
import { clusterCommand, onCluster, type Session } from "./context.js";
import { showList, tableView } from "./show-list.js";

const DEFAULT_LIMIT = 50;

/** `muster job list` */
export function addJobList(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "list", {
    summary: "lists a cluster's jobs, the newest first",
    example: "muster job list --cluster alpha --status FAILED",
  })
    .addOption(new Option("--status <status>", "only jobs with this status").choices(JOB_STATUSES))
    .addOption(
      new Option("--limit <count>", "show at most this many").default(DEFAULT_LIMIT).argParser((text) => {
        if (!/^[1-9][0-9]{0,5}$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1.");
        return Number(text);
      }),
    );
  onCluster<{ readonly status?: JobStatus; readonly limit: number }>(
    command,
    session,
    async ({ access, out, place }, { status, limit }) => {
      const cluster = await findCluster(access, place);
      let isCut = false;
      async function* jobs(): AsyncGenerator<JobSummary> {
        let left = limit;
        for await (const job of access.jobs.list(cluster.uuid, { status, limit })) {
          if (status !== undefined && job.status !== status) continue;
          isCut = left === 0;
          if (isCut) return;
          left -= 1;
          yield job;
        }
      }
      const view = tableView("jobs", JOB_HEADINGS, (job: JobSummary) => [jobRow(job)]);
      const count = await showList(out, jobs(), view);
      if (count === 0) out.say(`Cluster ${cluster.name} has no ${status ?? ""}${status ? " " : ""}job.`);
      if (isCut) out.say("Older jobs are not shown (--limit).");
      for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
      return EXIT.done;
    },
  );
}
