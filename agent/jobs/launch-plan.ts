import { JOB_ID_VARIABLE } from "../contract/job-request.js";
import { jobFolder } from "../contract/names.js";
import type { Because, JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { type HostfileNode, renderHostfile } from "../head/hostfile.js";
import { placeAlone, placeRanks } from "./placement.js";
import { rankArguments } from "./rank-command.js";
import { userEnvironment } from "./user-environment.js";

/** The cluster's hostfile as it is now. */
export interface Hostfile {
  readonly path: string;
  readonly nodes: readonly HostfileNode[];
}

/** The job's users and programs. The image's recipe makes them the same on every node. */
export interface JobSettings {
  readonly user: { readonly name: string; readonly home: string };
  readonly mpiexec: string;
  readonly python: string;
  /** What Hydra calls for every host: agent/launcher/launch.sh. */
  readonly launcher: string;
  /** Where the launcher finds the agent. */
  readonly launchSocket: string;
  /** This node's address: mpiexec's own, where the proxies connect back to. */
  readonly address: string;
}

/** Everything that the launch needs; a snapshot, so later changes of the hostfile don't reach a running job. */
export interface LaunchPlan {
  readonly ranks: number;
  /** mpiexec's argv, for the hostfile's text in a file of that name. */
  mpiexec(hostfilePath: string): readonly string[];
  /** Of a job without MPI: the argv that runs its program, as the job user. Null: mpiexec does. */
  readonly alone: readonly string[] | null;
  /** mpiexec's own environment, and its launcher's. The ranks' is in the argv. */
  readonly environment: Readonly<Record<string, string>>;
  /** The hostfile's lines, and its text. */
  readonly hosts: readonly HostfileNode[];
  readonly hostfile: string;
}

/** What to launch on the hostfile's nodes, or why that is impossible. An empty hostfile never launches anything. */
export function planLaunch(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  hostfile: Hostfile | null,
  settings: JobSettings,
): LaunchPlan | Because<JobReasonCode> {
  const isAlone = job.request.mpi === false;
  const nodes = hostfile?.nodes ?? [];
  const placed = isAlone ? placeAlone(settings.address, nodes) : placeRanks(job.request, nodes);
  if ("reason" in placed) return placed;
  const { ranks } = placed;
  const text = renderHostfile(placed.hosts) ?? "";
  return {
    ranks,
    mpiexec: (hostfilePath) => mpiexecArgv(job, ranks, hostfilePath, settings),
    alone: isAlone ? aloneArgv(job, settings) : null,
    environment: launcherEnvironment(job, settings),
    hosts: hostsOf(text),
    hostfile: text,
  };
}

/** Where Hydra does not clean up, it sends the other ranks SIGUSR1 when one ends, which would end them too. */
const WITHOUT_USR1 = ["/usr/bin/env", "--ignore-signal=USR1"];

/** `-genvnone` and a `-genv` for each variable: the ranks see these and nothing of mpiexec's own environment. */
function mpiexecArgv(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  ranks: number,
  hostfilePath: string,
  settings: JobSettings,
): readonly string[] {
  const variables = Object.entries(rankEnvironment(job, settings));
  const doesContinue = job.request.onRankFailure === "continue";
  return [
    settings.mpiexec,
    ...["-launcher", "ssh", "-launcher-exec", settings.launcher, "-localhost", settings.address],
    ...(doesContinue ? ["-disable-auto-cleanup"] : []),
    ...["-n", String(ranks), "-f", hostfilePath, "-wdir", jobFolder(job.id), "-genvnone"],
    ...variables.flatMap(([name, value]) => ["-genv", name, value]),
    ...(doesContinue ? WITHOUT_USR1 : []),
    settings.python,
    ...rankArguments(job.request.command),
  ];
}

/** A program alone gets what a rank gets; `env` sets it once the process is the job user's. */
function aloneArgv(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  settings: JobSettings,
): readonly string[] {
  const variables = Object.entries(rankEnvironment(job, settings)).map(([name, value]) => `${name}=${value}`);
  const env = ["/usr/bin/env", "-i", `--chdir=${jobFolder(job.id)}`];
  return [...env, ...variables, settings.python, ...job.request.command];
}

/** What agent/launcher/rank.py reads. */
const RANK_FAILURE_VARIABLE = "MUSTER_ON_RANK_FAILURE";

/** A rank's variables: a fixed list, then the request's own. Unbuffered, so that a killed job's output is not lost. */
function rankEnvironment(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  { user }: JobSettings,
): Record<string, string> {
  return {
    ...userEnvironment(user),
    PWD: jobFolder(job.id),
    PYTHONUNBUFFERED: "1",
    MUSTER_CLUSTER_UUID: job.clusterUuid,
    ...job.request.environment,
    ...(job.request.onRankFailure === "continue" ? { [RANK_FAILURE_VARIABLE]: "continue" } : {}),
    [JOB_ID_VARIABLE]: job.id,
  };
}

/**
 * What mpiexec and its launcher see: nothing that a request can set. Without AUTOFORK=0 Hydra would start the ranks of this
 * node by itself, as mpiexec's own user; so they too are started by the agent.
 */
function launcherEnvironment(
  job: Pick<JobItem, "id">,
  { launchSocket }: JobSettings,
): Record<string, string> {
  return {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    HYDRA_LAUNCHER_AUTOFORK: "0",
    MUSTER_LAUNCH_SOCKET: launchSocket,
    [JOB_ID_VARIABLE]: job.id,
  };
}

/** A hostfile's lines from its text. Lines that are not `address:cores` are left out. */
export function hostsOf(text: string): HostfileNode[] {
  return text.split("\n").flatMap((line) => {
    const [, address, cores] = /^([^\s:#]+):(\d+)$/.exec(line) ?? [];
    return address === undefined ? [] : [{ address, cores: Number(cores) }];
  });
}
