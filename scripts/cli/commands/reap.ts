import { type Command, InvalidArgumentError, Option } from "commander";
import type { ClusterKey } from "../../../agent/contract/clusters.js";
import { isJobEnded } from "../../../agent/contract/job-state.js";
import { clusterStackName } from "../../../agent/contract/names.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { CDKTF_ENV, planDestroy, STOP_MS } from "../core/cdktf.js";
import type { DeclaredCluster } from "../core/declared.js";
import { parseDays } from "../core/duration.js";
import { EXIT } from "../core/exit.js";
import type { JobSummary } from "../core/ports.js";
import { readProject } from "../core/project.js";
import { chooseReap, isParked, type ReapChoice } from "../core/reap.js";
import { watchForLock } from "../core/state-lock.js";
import { type Reaped, renderReaped, renderReapedCount } from "../render/reap.js";
import { type OrgContext, onOrg, orgCommand, type Session } from "./context.js";
import { untilStopped } from "./until-stopped.js";

interface Options {
  /** Seconds. */
  readonly parkedLongerThan?: number;
  readonly dryRun?: boolean;
}

/** What the clusters are looked at with. */
interface Reaping {
  readonly context: OrgContext;
  readonly declared: ReadonlyMap<string, DeclaredCluster>;
  readonly limitSeconds: number | null;
  /** Aborts on a Ctrl-C, and when the time is over. */
  readonly stop: AbortSignal;
}

/** `muster reap` */
export function addReap(parent: Command, session: Session): void {
  const command = orgCommand(parent, "reap", {
    summary: "destroys the clusters that are finished with",
    more: [
      "A cluster is finished with where it was made for one job (dedicated: true) and that has ended, with its log in the bucket; or where it",
      "has been parked for longer than --parked-longer-than; or where a destroy of it has begun and not ended. Only clusters without nodes and",
      "without waiting or running jobs are touched, and only those of muster.yaml. Run it in the project's folder: for each it runs `cdktf destroy`, one after another. Exit status: 1 if one fails.",
    ].join("\n"),
    example: "muster reap --parked-longer-than 30d --dry-run",
  })
    .addOption(
      new Option(
        "--parked-longer-than <time>",
        "also clusters that have been parked for longer: 30d, 12h; default: only those of ended jobs",
      ).argParser((text) => {
        const seconds = parseDays(text);
        if (seconds === null) throw new InvalidArgumentError("Give a duration: 30d, 12h, 90m.");
        return seconds;
      }),
    )
    .option("--dry-run", "only say what would be destroyed, and why");
  onOrg<Options>(command, session, async (context, { parkedLongerThan, dryRun = false }) => {
    const declared = readProject(context);
    const saying = "cdktf is asked to stop; nothing more is begun.";
    return untilStopped(context, saying, (stop) =>
      reapAll({ context, declared, limitSeconds: parkedLongerThan ?? null, stop }, dryRun),
    );
  });
}

async function reapAll(reaping: Reaping, isDryRun: boolean): Promise<number> {
  const { context, stop } = reaping;
  const { access, out } = context;
  const reaped: Reaped[] = [];
  const chosen: (readonly [ClusterKey, ReapChoice])[] = [];
  for await (const cluster of access.clusters.list()) {
    stop.throwIfAborted();
    const { name, uuid } = cluster;
    chosen.push([{ name, uuid }, await choose(cluster, reaping)]);
  }
  for (const [cluster, choice] of chosen) reaped.push(await reap(cluster, choice, isDryRun, reaping));
  await out.print(renderReaped(reaped));
  await out.document({ isDryRun, clusters: reaped });
  out.say(renderReapedCount(reaped));
  stop.throwIfAborted();
  return reaped.some(({ result }) => result === "failed") ? EXIT.failed : EXIT.done;
}

/** Of the cluster as it was just read; its jobs are read where they matter. */
async function choose(cluster: ClusterItem, reaping: Reaping): Promise<ReapChoice> {
  const { context, declared, limitSeconds } = reaping;
  const { jobs } = context.access;
  const hasParked = isParked(cluster);
  const { dedicatedTo, uuid } = cluster;
  return chooseReap({
    cluster,
    declared: declared.get(cluster.name) ?? null,
    unendedJobs: hasParked ? await findUnended(jobs.each(uuid)) : [],
    job: hasParked && dedicatedTo !== undefined ? await jobs.observe(uuid, dedicatedTo) : null,
    now: context.world.now(),
    limitSeconds,
  });
}

async function findUnended(jobs: AsyncIterable<JobSummary>): Promise<readonly string[]> {
  const unended: string[] = [];
  for await (const { id, status } of jobs) if (!isJobEnded(status)) unended.push(id);
  return unended;
}

async function reap(
  cluster: ClusterKey,
  { is, why }: ReapChoice,
  isDryRun: boolean,
  reaping: Reaping,
): Promise<Reaped> {
  const { name, uuid } = cluster;
  const end = (result: Reaped["result"], because = why, seconds: number | null = null): Reaped => ({
    ...{ name, uuid, result, why: because, seconds },
  });
  if (is !== "finished") return end(is);
  if (isDryRun) return end("to-destroy");
  if (reaping.stop.aborted) return end("not-begun");
  try {
    // The ones before took their time, and a job may have come meanwhile.
    const fresh = await reaping.context.access.clusters.read(uuid);
    if (fresh === null) return end("kept", "it is gone already");
    const again = await choose(fresh, reaping);
    if (again.is !== "finished") return end(again.is, again.why);
    return await destroy(cluster, again.why, reaping);
  } catch (error) {
    if (reaping.stop.aborted) return end("not-begun");
    return end("failed", `${why}; ${(error as Error).message}`);
  }
}

/** Throws where cdktf can't be started. */
async function destroy({ name, uuid }: ClusterKey, why: string, { context, stop }: Reaping): Promise<Reaped> {
  const { world, out, place } = context;
  const argv = planDestroy(clusterStackName(place.org, name));
  out.say(`${name}: ${why}. Running ${argv.join(" ")}`);
  const before = world.now().getTime();
  const lock = watchForLock();
  const exitCode = await world.programs.follow(argv, {
    env: CDKTF_ENV,
    onLine: (line) => {
      lock.hear(line);
      out.say(`${name} | ${line}`);
    },
    stop,
    graceMs: STOP_MS,
  });
  const seconds = Math.round((world.now().getTime() - before) / 1000);
  const end = { name, uuid, seconds };
  if (exitCode === 0) return { ...end, result: "destroyed", why };
  for (const line of lock.explain(place.org)) out.say(line);
  const result = stop.aborted ? "interrupted" : "failed";
  return { ...end, result, why: `${why}; cdktf ended with exit status ${exitCode}, its lines are above` };
}
