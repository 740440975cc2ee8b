import { renderDuration } from "../../../agent/contract/duration.js";
import { withoutSecrets } from "../../../agent/contract/git-place.js";
import type { JobRequest } from "../../../agent/contract/registry.js";
import { DEFAULT_RETRY } from "../../../agent/contract/retry-policy.js";

type Fact = readonly [string, string | null];

/** What a job or a definition asks for, a fact each; null where nothing was said. Variables' values are not shown. Pure. */
export function requestFacts(request: JobRequest): readonly Fact[] {
  const { command, mpi, source, workingFolder, requirements, setup, environment, retries } = request;
  const variables = Object.keys(environment ?? {});
  return [
    ["command", command.join(" ")],
    ["MPI", mpi === false ? "no" : null],
    ["source", source === undefined ? null : describeSource(source)],
    ["folder", workingFolder ?? null],
    ["installs", requirements ?? null],
    ["set-up", setup === undefined ? null : setup.command.join(" ")],
    ["variables", variables.length === 0 ? null : variables.join(", ")],
    ["processes", describeProcesses(request)],
    ["runtime", request.runtime ?? null],
    ["policies", describePolicies(request)],
    ["retries", retries === undefined ? null : describeRetries(retries)],
    ["time limit", describeTimes(request)],
  ];
}

/** Where the files come from, on one line. Pure. */
function describeSource({ git, s3, shared, bundle }: NonNullable<JobRequest["source"]>): string {
  if (git !== undefined) {
    const reference = git.reference === undefined ? "" : ` at ${git.reference}`;
    return `${withoutSecrets(git.url)}${reference}${git.credentials === undefined ? "" : `, with credentials ${git.credentials}`}`;
  }
  if (s3 !== undefined) return s3.uri;
  if (shared !== undefined) return shared.path;
  return bundle === undefined ? "" : `a packed folder of ${bundle.bytes} bytes, sha256 ${bundle.sha256}`;
}

function describeProcesses({ processes, processesPerNode }: JobRequest): string | null {
  if (processesPerNode === undefined) return processes === undefined ? null : String(processes);
  return `${processes ?? "all"}, ${processesPerNode} on each node`;
}

function describePolicies({ onRankFailure, onBadNode, ifBusy }: JobRequest): string | null {
  const said = [
    onRankFailure && `a rank fails: ${onRankFailure}`,
    onBadNode && `a node is bad: ${onBadNode}`,
    ifBusy && `the cluster is busy: ${ifBusy}`,
  ].filter((text) => text !== undefined);
  return said.length === 0 ? null : said.join("; ");
}

function describeRetries({
  count,
  delaySeconds = DEFAULT_RETRY.delaySeconds,
  on,
}: NonNullable<JobRequest["retries"]>) {
  return `${count}, each after ${delaySeconds} s${on === undefined ? "" : `, on ${on.join(", ")}`}`;
}

function describeTimes({ timeoutSeconds, jobTimeoutSeconds }: JobRequest): string | null {
  const said = [
    timeoutSeconds === undefined ? null : `${renderDuration(timeoutSeconds * 1000)} for each attempt`,
    jobTimeoutSeconds === undefined ? null : `${renderDuration(jobTimeoutSeconds * 1000)} for all`,
  ].filter((text) => text !== null);
  return said.length === 0 ? null : said.join(", ");
}
