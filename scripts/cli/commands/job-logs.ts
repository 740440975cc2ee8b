import { type Command, InvalidArgumentError, Option } from "commander";
import { factsOf } from "../../../agent/contract/job-attempt.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { clusterWarnings, findCluster } from "../core/clusters.js";
import { EXIT, failure, ReaderLeftError, refusal, unusable } from "../core/exit.js";
import type { JobState } from "../core/ports.js";
import { noSuchJob } from "../jobs/cancel.js";
import { createLogStream, type LogStream } from "../jobs/log-stream.js";
import { type ClusterContext, clusterCommand, onCluster, type Session } from "./context.js";
import { followFrom } from "./following.js";

interface LogOptions {
  readonly follow?: boolean;
  readonly attempt?: number;
  readonly tail?: number;
}

const MOST_LINES = 100_000;

/** `muster job logs` */
export function addJobLogs(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "logs", {
    summary: "writes a job's output to stdout, byte for byte",
    more: [
      "Of a job that runs, it writes what is in the bucket by now; -f goes on as more comes, and ends with the job.",
      "Of a job that has ended, the bytes are compared with the SHA-256 that was delivered with them.",
      "With --json, it prints where the log is.",
    ].join("\n"),
    example: "muster job logs -f job-0123456789abcdef0123 --cluster alpha",
  })
    .argument("<id>", "the job's id")
    .option("-f, --follow", "go on while the job runs")
    .addOption(
      countOption("--attempt <number>", "of an earlier attempt; default: the last one", 1, 1_000_000),
    )
    .addOption(countOption("--tail <lines>", "only so many of the last lines", 0, MOST_LINES));
  onCluster<LogOptions>(command, session, async (context, options, id = "") => {
    const { follow = false, attempt, tail = null } = options;
    if (follow && attempt !== undefined)
      throw unusable(["--attempt goes without --follow: an attempt that is followed is the current one"]);
    const { access, out, place } = context;
    const cluster = await findCluster(access, place);
    const reference = { clusterUuid: cluster.uuid, jobId: id };
    const stream = createLogStream(reference, context, tail);
    if (follow) for (const warning of await clusterWarnings(cluster, access)) out.say(warning);
    const job = follow
      ? await followed(context, reference, stream).catch(unlessReaderLeft)
      : await found(context, reference, attempt ?? null);
    if (job === null) return EXIT.done;
    const { status, log, logPrefix, lastLines } = job;
    await out.document({ jobId: job.id, attempt: job.attempt, status, log, logPrefix, lastLines });
    if (!out.json) await stream.finish(job);
    return log === null && isJobEnded(status) ? EXIT.failed : EXIT.done;
  });
}

function countOption(flags: string, description: string, least: number, most: number): Option {
  return new Option(flags, description).argParser((text) => {
    const count = Number(text);
    if (/^\d{1,7}$/.test(text) && count >= least && count <= most) return count;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  });
}

type Reference = Parameters<typeof followFrom>[1];

const followed = (context: ClusterContext, reference: Reference, stream: LogStream): Promise<JobState> =>
  followFrom(context, reference, {
    async onLook(job) {
      if (context.out.json) return;
      await stream.follow(job);
      if (stream.hasReaderLeft()) throw new ReaderLeftError();
    },
  });

function unlessReaderLeft(error: unknown): null {
  if (error instanceof ReaderLeftError) return null;
  throw error;
}

/** The job with the facts of the attempt: the one with that number, or the last. */
async function found(
  { access, flags }: ClusterContext,
  { clusterUuid, jobId }: Reference,
  number: number | null,
): Promise<JobState> {
  const job = await access.jobs.observe(clusterUuid, jobId);
  if (job === null) throw noSuchJob(jobId, clusterUuid);
  if (number !== null) {
    const attempts = await access.jobs.attempts(clusterUuid, jobId);
    const record = attempts.find((attempt) => attempt.number === number);
    if (record === undefined)
      throw failure(
        `Job ${jobId} has no attempt ${number}; \`muster job show ${jobId}${flags}\` lists its attempts.`,
      );
    return { ...job, ...factsOf(record), attempt: number, log: record.log };
  }
  if (isJobEnded(job.status) || job.logPrefix !== null) return job;
  throw refusal(
    `Job ${jobId} is ${job.status}, ${job.phase}: it has no output before its launch. Wait for it with \`muster job logs -f ${jobId}${flags}\`.`,
  );
}
