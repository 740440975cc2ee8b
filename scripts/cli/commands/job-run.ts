import type { Command } from "commander";
import { type CommandError, TransientError } from "../core/exit.js";
import { exitCodeOf } from "../jobs/exit-code.js";
import { createLogStream, type LogStream } from "../jobs/log-stream.js";
import { submitJob } from "../jobs/submit.js";
import { renderEnd } from "../render/job.js";
import {
  type ClusterContext,
  clusterCommand,
  onCluster,
  type Session,
  type WaitOptions,
  withWait,
} from "./context.js";
import { followFrom, showEnd } from "./following.js";
import { prepareJob, submitOnly } from "./job-submit.js";
import { type RunnableOptions, withRunnable } from "./runnable.js";

/** `muster job run` */
export function addJobRun(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "run", {
    summary: "runs a Python file or a command on the cluster, and shows its output",
    more: [
      "Runs `mpiexec -n <every core> python FILE ARG ...`, writes its output to stdout as it comes, and ends with the job.",
      "Arguments after FILE are the script's. The exit status is the job's exit code if it has one (1 to 125).",
      "With --no-wait it is `muster job submit`.",
      "The command needs access to the org's registry table and log bucket, but no route to the nodes.",
    ].join("\n"),
    example: "muster job run --cluster alpha pi.py 1000000",
  });
  withWait(withRunnable(command), "until the job has ended", true);
  onCluster<RunnableOptions & WaitOptions>(command, session, async (context, options, ...args) => {
    const { access, out, world } = context;
    const { planned, cluster } = await prepareJob(context, options, args);
    if (!options.wait) return submitOnly(planned, cluster, context);
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
    await showEnd(context, reference, [renderEnd(job)]);
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
