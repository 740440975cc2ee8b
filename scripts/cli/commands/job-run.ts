import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { clusterWarnings } from "../core/clusters.js";
import { type CommandError, EXIT, TransientError } from "../core/exit.js";
import type { JobState } from "../core/ports.js";
import { createLogStream, type LogStream } from "../jobs/log-stream.js";
import { clusterForJob, planJob, submitJob } from "../jobs/submit.js";
import { renderEnd } from "../render/job.js";
import { type ClusterContext, clusterCommand, onCluster, type Session } from "./context.js";
import { followFrom } from "./following.js";
import { type RunnableOptions, readRunnable, withRunnable } from "./runnable.js";
import { sendFolder } from "./source-options.js";

/** `muster job run` */
export function addJobRun(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "run", {
    summary: "runs a Python file or a command on the cluster, and shows its output",
    more: [
      "Runs `mpiexec -n <every core> python FILE ARG ...`, writes its output to stdout as it comes, and ends with the job.",
      "Arguments after FILE are the script's. The exit status is the job's exit code if it has one (1 to 125).",
      "The command needs access to the org's registry table and log bucket, but no route to the nodes.",
    ].join("\n"),
    example: "muster job run --cluster alpha pi.py 1000000",
  });
  onCluster<RunnableOptions>(withRunnable(command), session, async (context, options, ...args) => {
    const { access, out, place, world } = context;
    const what = await readRunnable(options, args, world);
    const { cluster, submittedBy } = await clusterForJob(access, place, world.now());
    for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    if ("upload" in what) await sendFolder(what.upload, cluster, access.bundles, out.say);
    const key = options.idempotencyKey ?? randomUUID();
    const planned = await planJob(access.jobs, cluster, what, { key, now: world.now, submittedBy });
    const reference = { clusterUuid: cluster.uuid, jobId: planned.id };
    const stream = out.json ? null : createLogStream(reference, context);
    const job = await followFrom(context, reference, {
      async before() {
        const { job: found, isNew } = await submitJob(access.jobs, planned, world.now);
        if (!isNew)
          out.say(`job ${found.id}: was submitted with this key at ${found.submittedAt}; following it`);
      },
      ...(stream === null ? {} : { onLook: unlessBroken(stream, context) }),
    });
    // The job has ended, even if printing its result fails.
    await stream?.finish(job).catch(({ message }: CommandError) => out.say(message));
    out.say(renderEnd(job));
    await out.document(out.json ? await access.jobs.read(cluster.uuid, job.id) : null);
    return exitCodeOf(job);
  });
}

/** Follows the output until it can't be read, which is said: the job is waited for all the same. */
function unlessBroken(stream: LogStream, { out, signal }: ClusterContext): LogStream["follow"] {
  let isBroken = false;
  return async (job) => {
    if (isBroken) return;
    await stream.follow(job).catch((error: CommandError) => {
      signal.throwIfAborted();
      if (error instanceof TransientError) throw error;
      isBroken = true;
      out.say(`the job's output can't be shown while it runs: ${error.message}`);
    });
  };
}

const HIGHEST_CODE = 125;

/** The job's exit code, if it means a failure and a process can return it. Pure. */
function exitCodeOf({ status, exitCode }: Pick<JobState, "status" | "exitCode">): number {
  if (status === "FINISHED") return EXIT.done;
  return exitCode !== null && exitCode >= 1 && exitCode <= HIGHEST_CODE ? exitCode : EXIT.failed;
}
