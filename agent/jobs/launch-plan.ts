import type { Runtime } from "../contract/job-request.js";
import { JOB_ID_VARIABLE } from "../contract/job-request.js";
import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import type { JobItem } from "../contract/registry.js";
import { type HostfileNode, renderHostfile } from "../head/hostfile.js";
import { placeAlone, placeRanks } from "./placement.js";
import { rankArgv } from "./rank-command.js";
import { type MpiRuntime, withOwnPaths } from "./runtimes.js";
import { userEnvironment } from "./user-environment.js";
import { workingFolderOf } from "./working-folder.js";

/** The cluster's hostfile as it is now. */
export interface Hostfile {
  readonly path: string;
  readonly nodes: readonly HostfileNode[];
}

/** The job's users and programs. The image's recipe makes them the same on every node. */
export interface JobSettings {
  readonly user: { readonly name: string; readonly home: string };
  /** Those that the image has. */
  readonly runtimes: Readonly<Partial<Record<Runtime, MpiRuntime>>>;
  /** The runtime of jobs that name none. */
  readonly runtime: Runtime;
  readonly python: string;
  /** The folder of the virtual environment that `python` is of; null or absent: the image's Python. */
  readonly virtualEnvironment?: string | null;
  /** What the cluster gives each job: how AWS SDKs find the job role's credentials, and a proxy. Absent or empty: nothing. */
  readonly roleVariables?: Readonly<Record<string, string>> | undefined;
  /** What Hydra calls for every host: agent/launcher/launch.sh. */
  readonly launcher: string;
  /** Where the launcher finds the agent. */
  readonly launchSocket: string;
  /** This node's address: mpiexec's own, where the proxies connect back to. */
  readonly address: string;
}

/** The settings of a job whose virtual environment is in `folder`; null: it has none. Pure. */
export const withEnvironment = (settings: JobSettings, folder: string | null): JobSettings =>
  folder === null ? settings : { ...settings, python: `${folder}/bin/python`, virtualEnvironment: folder };

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

/** What the plan is made of. */
type PlannedJob = Pick<JobItem, "id" | "clusterUuid" | "request" | "sourceFolder">;

/** What to launch on the hostfile's nodes, or why that is impossible. An empty hostfile never launches anything. */
export function planLaunch(
  job: PlannedJob,
  hostfile: Hostfile | null,
  settings: JobSettings,
): LaunchPlan | Because<JobReasonCode> {
  const isAlone = job.request.mpi === false;
  const name = job.request.runtime ?? settings.runtime;
  const runtime = settings.runtimes[name];
  if (runtime === undefined && !isAlone)
    return because(
      "runtime-missing",
      `the nodes' image has no ${name}: it has ${Object.keys(settings.runtimes).join(", ")}`,
    );
  const nodes = hostfile?.nodes ?? [];
  const placed = isAlone ? placeAlone(settings.address, nodes) : placeRanks(job.request, nodes);
  if ("reason" in placed) return placed;
  const { ranks } = placed;
  const text = renderHostfile(placed.hosts) ?? "";
  return {
    ranks,
    mpiexec: (hostfilePath) =>
      runtime === undefined ? [] : mpiexecArgv(job, ranks, hostfilePath, runtime, settings),
    alone: isAlone ? aloneArgv(job, settings) : null,
    environment: launcherEnvironment(job, runtime?.launcherVariables, settings),
    hosts: hostsOf(text),
    hostfile: text,
  };
}

/** Where Hydra does not clean up, it sends the other ranks SIGUSR1 when one ends, which would end them too. */
const WITHOUT_USR1 = ["/usr/bin/env", "--ignore-signal=USR1"];

/** `-genvnone` and a `-genv` for each variable: the ranks see these and nothing of mpiexec's own environment. */
function mpiexecArgv(
  job: PlannedJob,
  ranks: number,
  hostfilePath: string,
  { mpiexec, rankVariables, searchPaths }: MpiRuntime,
  settings: JobSettings,
): readonly string[] {
  const variables = Object.entries({
    ...rankVariables,
    ...rankEnvironment(job, settings),
    ...withOwnPaths(searchPaths, job.request.environment),
  });
  const doesContinue = job.request.onRankFailure === "continue";
  return [
    mpiexec,
    ...["-launcher", "ssh", "-launcher-exec", settings.launcher, "-localhost", settings.address],
    ...(doesContinue ? ["-disable-auto-cleanup"] : []),
    ...["-n", String(ranks), "-f", hostfilePath, "-wdir", workingFolderOf(job), "-genvnone"],
    ...variables.flatMap(([name, value]) => ["-genv", name, value]),
    ...(doesContinue ? WITHOUT_USR1 : []),
    ...rankArgv(settings.python, job.request.command, job.request.environment),
  ];
}

/** A program alone gets what a rank gets; `env` sets it once the process is the job user's. */
function aloneArgv(job: PlannedJob, settings: JobSettings): readonly string[] {
  const variables = Object.entries(rankEnvironment(job, settings)).map(([name, value]) => `${name}=${value}`);
  const env = ["/usr/bin/env", "-i", `--chdir=${workingFolderOf(job)}`];
  return [...env, ...variables, settings.python, ...job.request.command];
}

/** What agent/launcher/rank_failure.py reads. */
const RANK_FAILURE_VARIABLE = "MUSTER_ON_RANK_FAILURE";

/**
 * A rank's variables, and a set-up's: a fixed list, then the request's own. Unbuffered, so that a killed job's output is not lost. Bodo
 * starts workers with MPI_Comm_spawn unless its variable is 0, and that does not work here: each rank is to be a worker.
 */
export function rankEnvironment(
  job: PlannedJob,
  {
    user,
    virtualEnvironment,
    roleVariables,
  }: Pick<JobSettings, "user" | "virtualEnvironment" | "roleVariables">,
): Record<string, string> {
  return {
    ...userEnvironment(user, virtualEnvironment),
    PWD: workingFolderOf(job),
    PYTHONUNBUFFERED: "1",
    BODO_SPAWN_MODE: "0",
    MUSTER_CLUSTER_UUID: job.clusterUuid,
    ...roleVariables,
    ...job.request.environment,
    ...(job.request.onRankFailure === "continue" ? { [RANK_FAILURE_VARIABLE]: "continue" } : {}),
    [JOB_ID_VARIABLE]: job.id,
  };
}

/** What mpiexec and its launcher see: nothing that a request can set, but for the choice of the runtime. */
function launcherEnvironment(
  job: Pick<JobItem, "id">,
  variables: Readonly<Record<string, string>> = {},
  settings: JobSettings,
): Record<string, string> {
  return {
    PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
    LANG: "C.UTF-8",
    ...variables,
    MUSTER_LAUNCH_SOCKET: settings.launchSocket,
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
