import { budgetHold } from "../../../agent/contract/budget.js";
import type { ObservedCluster } from "../../../agent/contract/nodes.js";
import { type Because, because, type ClusterReasonCode } from "../../../agent/contract/reasons.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { settleGroup } from "../../../agent/contract/resize.js";
import { WaitTimeoutError } from "../../../agent/contract/wait.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import type { MusterClient, ScalingGroup } from "../../client/ports.js";
import { DiagnosticError, errorDiagnostic, failure } from "../../core/diagnostic.js";
import { watchAgents } from "./agents.js";
import { type Claim, fleetTaken } from "./claim.js";
import type { FleetContext } from "./context.js";
import { type FleetFindings, renderDiagnosis } from "./diagnosis.js";
import { HopelessError, knownCause } from "./hopeless.js";
import { watchLaunches } from "./launches.js";
import { observeFindings } from "./observe.js";
import { judgeProgress } from "./progress.js";
import { type Shrinking, watchShrinking } from "./shrink.js";

/** The subject of a resize. `group` exists. */
export interface Resize {
  readonly clusterUuid: string;
  readonly group: ScalingGroup;
  readonly nodes: number;
  readonly claim: Claim;
  readonly timeoutMs: number;
}

const LOOK_EVERY_MS = 1000;
const TIMED_OUT = { reasonCode: "resize-timed-out" } as const;

/** The group, which must exist. Throws before anything is changed. */
export async function observeGroup(client: MusterClient, name: string): Promise<ScalingGroup> {
  const group = await client.groups.describe(name);
  if (group !== null) return group;
  throw failure(
    "group-missing",
    `There is no Auto Scaling group ${name}`,
    `Nothing of that name exists in ${client.region}. Let autoscaling_group refer to the group's resource, so that it is made first.`,
    ["autoscaling_group"],
  );
}

/**
 * Asks for `nodes` and waits until each is ready and in the hostfile. A group that becomes smaller is left to the cluster's head, which
 * ends no node that a job uses; without a head its size is set here. Returns the cluster as it is then.
 */
export async function applyResize(resize: Resize, context: FleetContext): Promise<ObservedCluster> {
  const { clusterUuid, group, nodes, timeoutMs } = resize;
  await refuseSpent(clusterUuid, context);
  const launches = await watchLaunches(group.name, timeoutMs, context);
  await requestNodes(resize, context);
  const shrinking = group.desired > nodes ? watchShrinking(resize, context) : null;
  if (shrinking === null) await settle(resize, context);
  try {
    const item = await awaitReady(resize, { launches, shrinking }, context);
    // The maximum follows. Who asked for another number since has set it, or sets it yet.
    if (shrinking !== null) await settle(resize, context);
    return { ...item, nodes: await context.client.registry.readNodes(item) };
  } catch (error) {
    if (!(error instanceof WaitTimeoutError || error instanceof HopelessError)) throw error;
    // Diagnosed first, as it was at the time-out.
    const { reasonCode } = error instanceof HopelessError ? error : TIMED_OUT;
    const held = error instanceof WaitTimeoutError ? (shrinking?.holder() ?? null) : null;
    const reason = [error.message.replace(/\.$/, ""), ...(held === null ? [] : [held.reason])].join(": ");
    const next = held === null ? {} : { next: held.next };
    const findings = await findingsOf(resize, context, { reasonCode, reason, ...knownCause(error), ...next });
    await markFailed(resize, context, because(reasonCode, reason), findings);
    throw diagnosisOf(resize, findings);
  }
}

/** Sets the group to what META wants. `free`: no head ends the nodes that are too many. */
async function settle(
  { clusterUuid, group, nodes }: Resize,
  { client }: FleetContext,
  free = false,
): Promise<void> {
  await settleGroup(
    {
      readCluster: () => client.registry.readCluster(clusterUuid),
      resizeGroup: (name, size) => client.groups.resize({ ...group, name }, size),
    },
    free ? nodes : null,
  );
}

/** Registry first, group second: a head that sees new instances already knows how many there must be. */
async function requestNodes(
  { clusterUuid, group, nodes, claim }: Resize,
  { client, clock }: FleetContext,
): Promise<void> {
  const size = { nodes, from: group.desired };
  const item = await client.registry.updateCluster(
    clusterWrites.resize(clusterUuid, size, claim, clock.now()),
  );
  if (item !== null) return;
  const found = await client.registry.readCluster(clusterUuid);
  if (found?.fleet?.owner === claim.to.owner && found.clusterStatus === "INPROGRESS") {
    // The first attempt succeeded, but its answer was lost.
    if (found.desiredNodes === nodes) return;
  } else if (found?.fleet !== undefined && found.fleet.owner !== claim.from) {
    throw fleetTaken(found, found.fleet);
  }
  throw takesNoNodes(clusterUuid, found, client);
}

/** Throws where the cluster's budget is spent: it would park again at once. */
async function refuseSpent(clusterUuid: string, { client, clock }: FleetContext): Promise<void> {
  const cluster = await client.registry.readCluster(clusterUuid);
  const hold = cluster === null ? null : budgetHold(cluster, clock.now());
  if (hold === null) return;
  const diagnostic = errorDiagnostic(
    "fleet-budget-spent",
    `Cluster ${clusterUuid} gets no nodes`,
    `${hold.reason}. Nothing was changed. Next: give it a higher budget, and apply again.`,
  );
  throw new DiagnosticError([{ ...diagnostic, reasonCode: hold.reasonCode }]);
}

function takesNoNodes(clusterUuid: string, found: ClusterItem | null, { org, region }: MusterClient) {
  return failure(
    "fleet-refused",
    `Cluster ${clusterUuid} takes no nodes`,
    found === null
      ? `The registry of org ${org} in ${region} does not have it. Let cluster_uuid refer to a muster_cluster.`
      : `It is ${found.clusterStatus} (${found.phase}). Wait until it is gone, or use another cluster.`,
    ["cluster_uuid"],
  );
}

/** Takes over the fleet if it is not ours yet, and changes nothing else of it. */
export async function applyTaking(
  clusterUuid: string,
  claim: Claim,
  { client }: Pick<FleetContext, "client">,
): Promise<void> {
  if (claim.from === claim.to.owner) return;
  const item = await client.registry.updateCluster(clusterWrites.claimFleet(clusterUuid, claim));
  if (item !== null) return;
  const found = await client.registry.readCluster(clusterUuid);
  if (found?.fleet?.owner === claim.to.owner) return;
  throw found?.fleet === undefined
    ? takesNoNodes(clusterUuid, found, client)
    : fleetTaken(found, found.fleet);
}

function awaitReady(
  resize: Resize,
  {
    launches,
    shrinking,
  }: { readonly launches: { look(): Promise<void> }; readonly shrinking: Shrinking | null },
  context: FleetContext,
): Promise<ClusterItem> {
  const { clusterUuid, group, nodes, claim, timeoutMs } = resize;
  let seen: ClusterItem | null = null;
  const { registry } = context.client;
  const heard = async () => (seen === null ? [] : registry.readNodes(seen));
  const agents = watchAgents(group.name, heard, context);
  const what = `${nodes} nodes of cluster ${clusterUuid} to be ready`;
  let left = shrinking;
  return context.poll(
    what,
    async () => {
      const item = await registry.readCluster(clusterUuid);
      seen = item;
      const progress = judgeProgress(item, nodes, claim.to.owner);
      if (progress.kind === "fatal") {
        const { reasonCode, reason } = progress;
        throw diagnosisOf(resize, await findingsOf(resize, context, { reasonCode, reason }));
      }
      if (left !== null) {
        const seen = await left.look();
        if (typeof seen !== "string") return { done: false, progress: `waits for ${seen.waitsFor}` };
        if (seen === "free") await settle(resize, context, true);
        left = null;
      }
      if (progress.kind === "ready") return { done: true, value: progress.item };
      await launches.look();
      await agents.look();
      return { done: false, progress: progress.summary };
    },
    { everyMs: LOOK_EVERY_MS, timeoutMs },
  );
}

/** Only while the cluster still waits for this resize; otherwise another writer sets its state. */
async function markFailed(
  { clusterUuid, nodes, claim }: Resize,
  { client, clock, log }: FleetContext,
  why: Because<ClusterReasonCode>,
  { console }: FleetFindings,
): Promise<void> {
  const resize = { desiredNodes: nodes, owner: claim.to.owner };
  const write = clusterWrites.failResize(clusterUuid, resize, why, clock.now());
  // The console goes with the instance, so the cluster's history keeps it.
  const seen = console === null ? {} : { nodeId: console.instanceId, detail: console.lines.join("\n") };
  try {
    await client.registry.updateCluster(write);
    await client.registry.note(
      clusterUuid,
      { code: "cluster-failed", text: `${why.reason.replace(/\.$/, "")}.`, ...seen },
      clock.now(),
    );
  } catch (error) {
    log.warn("could not mark the cluster FAILED", { error: String(error) });
  }
}

type About = Pick<FleetFindings, "reasonCode" | "reason" | "next" | "instanceId">;

const findingsOf = (
  { clusterUuid, group, nodes }: Resize,
  { client }: FleetContext,
  about: About,
): Promise<FleetFindings> => observeFindings(client, clusterUuid, group.name, { nodes, ...about });

const diagnosisOf = ({ clusterUuid, group }: Resize, findings: FleetFindings): DiagnosticError =>
  new DiagnosticError([renderDiagnosis(clusterUuid, group.name, findings)]);
