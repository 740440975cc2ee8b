import { type Command, InvalidArgumentError, Option } from "commander";
import { JOB_STATUSES, type JobStatus } from "../../../agent/contract/job-state.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { renderJobs } from "../render/job.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

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
      const all = await access.jobs.list(cluster.uuid, { status, limit });
      const wanted = all.filter((job) => status === undefined || job.status === status);
      const jobs = wanted.slice(0, limit);
      if (jobs.length === 0)
        out.say(`Cluster ${cluster.name} has no ${status ?? ""}${status ? " " : ""}job.`);
      await out.print(renderJobs(jobs));
      await out.document({ jobs });
      if (wanted.length > limit) out.say("Older jobs are not shown (--limit).");
      for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
      return EXIT.done;
    },
  );
}
