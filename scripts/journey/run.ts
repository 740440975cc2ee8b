import { appendFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { visibleLine, visibleText } from "../../agent/contract/visible-text.js";
import { findLeftovers } from "../cli/leftovers/find.js";
import { renderEnd, renderLogLines } from "../cli/render/job.js";
import { cloudDown } from "../local/down.js";
import { cloudUp } from "../local/up.js";
import { watchBoots } from "./boot-watch.js";
import { runCdktf } from "./cdktf.js";
import { findFaults, hostnamesIn } from "./checks.js";
import { type JourneyPlace, sharedFolder, useCloud } from "./place.js";
import type { Progress } from "./progress.js";
import type { Findings } from "./report.js";
import { awaitCluster, awaitDeclaredJob, openAccess, proveLog, readHostfile } from "./steps.js";
import { type WorkspaceDefinition, type WorkspaceSettings, writeWorkspace } from "./workspace.js";

/** What every step of a journey needs. */
export interface Journey {
  readonly place: JourneyPlace;
  /** From set-up; AWS's variables are in this process's environment once the cloud is up. */
  readonly env: Readonly<Record<string, string>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Filled in by the steps. */
  readonly seen: Findings;
}

/** Terraform's lines that show a person its progress. */
const NEWS = / complete after |: Still |complete!|Error|No changes/;

/** Starts the local cloud and makes it the AWS of this process. Fails if the machine can't run `nodes` nodes. */
export async function goUp({ place, progress }: Journey, nodes = 0): Promise<void> {
  const { cloudName: name, projectRoot, workspace } = place;
  const say = (line: string): void => progress.say(`   ${line}`);
  const { alreadyRan } = await cloudUp({ name, region: workspace.region, nodes, projectRoot, say });
  // A killed journey may have left state of a cloud that is gone.
  if (!alreadyRan) rmSync(workspace.folder, { recursive: true, force: true });
  useCloud(place);
}

/** A journey's own job definition. Deploy does not wait for its job, so that a person sees how it goes, and how long it takes. */
export const journeyDefinition = (file: string): WorkspaceDefinition => ({
  name: "quickstart",
  file,
  timeoutMinutes: 15,
  wait: false,
});

/** Writes muster.yaml and deploys it. The whole output goes to a file beside it. A node that can't boot ends it. */
export async function deploy(
  journey: Journey,
  declared: Pick<WorkspaceSettings, "nodes" | "jobDefinitions" | "access" | "replacement" | "notebooks">,
): Promise<void> {
  writeWorkspace({ ...journey.place.workspace, ...declared });
  const { place, progress, signal } = journey;
  const boots = watchBoots(place.cloudName, (line) => progress.say(`   ${line}`));
  try {
    await cdktf({ ...journey, signal: AbortSignal.any([signal, boots.signal]) }, "deploy");
  } finally {
    boots.stop();
  }
}

/** Destroys what was deployed, and fails if anything of the org is left. Needs no earlier step of this process. */
export async function destroy(journey: Journey): Promise<void> {
  const { place, progress, seen } = journey;
  await cdktf(journey, "destroy");
  const { org, region } = place.workspace;
  const { leftovers, pendingDeletion } = await findLeftovers(org, { region });
  seen.leftovers = leftovers.map(({ kind, id }) => `${kind} ${id}`);
  for (const { kind, id } of pendingDeletion)
    progress.say(`   pending deletion, as KMS requires: ${kind} ${id}`);
}

/** Stops the local cloud, in any state, and counts what it leaves on this machine. */
export async function goDown({ place, progress, seen }: Journey): Promise<void> {
  const { leftovers } = await cloudDown(place.cloudName);
  seen.leftovers = [...(seen.leftovers ?? []), ...leftovers];
  rmSync(place.workspace.folder, { recursive: true, force: true });
  if (seen.leftovers.length === 0) progress.say("   nothing is left in the account or on this machine");
  for (const left of seen.leftovers) progress.say(`   left behind: ${left}`);
  if (seen.leftovers.length > 0) seen.faults.push(`${seen.leftovers.length} things are left behind`);
}

/** Waits until the cluster is ready, and prints its nodes. */
export async function lookAtCluster({ place, progress, seen, signal }: Journey): Promise<void> {
  const { org, region, clusterName } = place.workspace;
  seen.cluster = await awaitCluster(openAccess(org, region, signal), clusterName, {
    say: progress.say,
    signal,
  });
  for (const { hostname, address, cores, state } of seen.cluster.nodes) {
    progress.say(`   ${hostname}  ${address}  ${cores} cores  ${state}`);
  }
}

/** Follows the job that deploy submitted of a definition, shows what it printed, and judges everything that was seen. */
export async function showJob(
  { place, progress, seen, signal }: Journey,
  definitionName: string,
  isExampleJob: boolean,
): Promise<void> {
  const { org, region } = place.workspace;
  const { cluster } = seen;
  if (cluster === null) throw new Error("there is no cluster to run a job on");
  const access = openAccess(org, region, signal);
  const job = await awaitDeclaredJob(access, cluster, definitionName, { say: progress.say, signal });
  seen.job = job;
  const delivered = await proveLog(access, job);
  const printed = delivered.start.toString("utf8");
  seen.hostnames = hostnamesIn(printed, cluster);
  for (const line of visibleText(printed.trimEnd()).split("\n")) progress.say(`   | ${line}`);
  const unseen = delivered.bytes - delivered.start.length;
  if (unseen > 0) progress.say(`   | ... and ${unseen} bytes more`);
  for (const line of [renderEnd(job), ...renderLogLines(job)]) progress.say(`   ${visibleLine(line)}`);
  const hostfile = readHostfile(sharedFolder(place, cluster.uuid), cluster);
  const nodesAsked = cluster.desiredNodes;
  seen.faults.push(...findFaults({ nodesAsked, cluster, hostfile, job, delivered, isExampleJob }));
}

async function cdktf(
  { place, env, progress, signal }: Journey,
  command: "deploy" | "destroy",
): Promise<void> {
  const log = join(place.workspace.folder, `${command}.log`);
  await runCdktf(command, {
    workspace: place.workspace,
    projectRoot: place.projectRoot,
    env,
    signal,
    onLine: (line) => {
      appendFileSync(log, `${line}\n`);
      if (NEWS.test(line)) progress.say(`   ${line.trimEnd()}`);
    },
  });
}
