import { Value } from "@sinclair/typebox/value";
import {
  HOSTFILE_COPY,
  JOB_ID_VARIABLE,
  scriptNameProblem,
  variableProblem,
  wordProblem,
} from "../contract/job-request.js";
import { jobFolder } from "../contract/names.js";
import { type JobItem, JobRequest } from "../contract/registry.js";
import type { HostfileNode } from "../head/hostfile.js";
import { userEnvironment } from "./user-environment.js";

/** The cluster's hostfile as it is now. */
export interface Hostfile {
  readonly path: string;
  readonly nodes: readonly HostfileNode[];
}

/** Who the job's processes are, and what they start. The same on every node: the image's recipe makes them so. */
export interface JobSettings {
  readonly user: { readonly name: string; readonly uid: number; readonly gid: number; readonly home: string };
  readonly mpiexec: string;
  readonly python: string;
  /** What Hydra calls for every other host: agent/launcher/launch.sh. */
  readonly launcher: string;
  /** This node's address: mpiexec's own, where the proxies connect back to. */
  readonly address: string;
}

/** Everything that the launch needs; a snapshot, so later changes of the hostfile don't reach a running job. */
export interface LaunchPlan {
  readonly ranks: number;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
}

/** Everything that is wrong with a request, in people's words; anyone with table access can write one. */
export function requestProblems(request: unknown): string[] {
  const problems = [...Value.Errors(JobRequest, request)].map(
    ({ path, message }) => `${path === "" ? "request" : path.slice(1).replaceAll("/", ".")}: ${message}`,
  );
  if (problems.length > 0) return problems;
  const { command, script, environment } = request as JobRequest;
  const say = (where: string, value: string, problem: string | null): void => {
    if (problem !== null) problems.push(`${where}: ${JSON.stringify(value)} ${problem}`);
  };
  for (const [index, word] of command.entries()) say(`command.${index}`, word, wordProblem(word));
  if (script !== undefined) say("script.name", script.name, scriptNameProblem(script.name));
  for (const [name, value] of Object.entries(environment ?? {})) {
    say(`environment.${name}`, name, variableProblem(name, value));
  }
  return problems;
}

/** What to launch on the hostfile's nodes, or the reason why it can't be. An empty hostfile never launches anything. */
export function planLaunch(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  hostfile: Hostfile | null,
  settings: JobSettings,
): LaunchPlan | { readonly problem: string } {
  const nodes = hostfile?.nodes ?? [];
  const cores = nodes.reduce((sum, node) => sum + node.cores, 0);
  if (cores === 0) return { problem: "the hostfile lists no node" };
  const ranks = job.request.processes ?? cores;
  if (ranks > cores) {
    return { problem: `processes is ${ranks}, but the hostfile's ${nodes.length} nodes have ${cores} cores` };
  }
  const folder = jobFolder(job.clusterUuid, job.id);
  return {
    ranks,
    argv: [
      settings.mpiexec,
      ...["-launcher", "ssh", "-launcher-exec", settings.launcher, "-localhost", settings.address],
      ...["-n", String(ranks), "-f", `${folder}/${HOSTFILE_COPY}`],
      settings.python,
      ...job.request.command,
    ],
    environment: jobEnvironment(job, settings),
    hosts: nodes.map((node) => node.address),
  };
}

/** Nothing of the agent's environment gets in: a fixed list, then the request's own. */
function jobEnvironment(
  job: Pick<JobItem, "id" | "clusterUuid" | "request">,
  { user }: JobSettings,
): Record<string, string> {
  return {
    ...userEnvironment(user),
    MUSTER_CLUSTER_UUID: job.clusterUuid,
    ...job.request.environment,
    [JOB_ID_VARIABLE]: job.id,
  };
}

/** The addresses in a hostfile's text. Lines that are not `address:cores` are left out. */
export function hostsOf(text: string): string[] {
  return text.split("\n").flatMap((line) => /^([^\s:#]+):\d+$/.exec(line)?.[1] ?? []);
}
