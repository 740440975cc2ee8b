import { budgetHold } from "../../../agent/contract/budget.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { nameJobs, settleGroup, watchShrink } from "../../../agent/contract/resize.js";
import { clusterWrites } from "../../../agent/contract/writes/cluster.js";
import { failure, refusal } from "../core/exit.js";
import { type Output, showWait } from "../core/output.js";
import type { Access, SizeControl } from "../core/ports.js";
import type { World } from "../core/world.js";

/** What a resize needs. */
export interface ResizeContext {
  readonly access: Pick<Access, "parking" | "account">;
  readonly out: Pick<Output, "say" | "waits">;
  readonly world: Pick<World, "now" | "sleep">;
  readonly signal: AbortSignal;
}
export interface ResizeOptions {
  readonly nodes: number;
  /** Wait while a job runs, instead of refusing. */
  readonly afterJob: boolean;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Asks for another number of nodes: in the registry first. Then the group's size is set, or the head of a cluster that shrinks ends nodes.
 * Throws, and changes nothing, where a job runs, the cluster can't be resized, or another program was first. Run again, it goes on where
 * one before has ended.
 */
export async function resizeCluster(
  { uuid, name }: ClusterItem,
  options: ResizeOptions,
  context: ResizeContext,
): Promise<void> {
  const control = context.access.parking(uuid);
  const steps = { control, show: showWait(context.out), ...context };
  await request({ uuid, name }, options, steps);
  const isFree = await awaitShrunk(name, options, steps);
  const after = await settleGroup(control, isFree ? options.nodes : null);
  refuseSuperseded(after, name, options.nodes);
}

/** Throws where another number of nodes is wanted by now. */
export function refuseSuperseded(after: ClusterItem | null, name: string, nodes: number): void {
  if (after === null) throw failure(`Cluster ${name} is gone, or is being removed.`);
  if (after.desiredNodes !== nodes)
    throw failure(`${resizer(after)} has asked for ${after.desiredNodes} nodes of cluster ${name} since.`);
}

type Steps = ResizeContext & { readonly control: SizeControl; readonly show: (line: string) => void };

/** A cluster that shrinks is to begin no further job, so that is asked for while one runs; one that grows has to be whole for the next. */
async function request(
  { uuid, name }: Pick<ClusterItem, "uuid" | "name">,
  { nodes, afterJob }: ResizeOptions,
  { control, show, out, access, world, signal }: Steps,
): Promise<void> {
  const by = (await access.account.caller()) ?? "muster cluster resize";
  let first: ClusterItem | null = null;
  for (;;) {
    signal.throwIfAborted();
    const cluster = await control.readCluster();
    if (cluster === null) throw failure(`Cluster ${name} (${uuid}) is gone.`);
    if (first !== null && cluster.desiredNodes !== first.desiredNodes && cluster.desiredNodes !== nodes)
      throw refusal(
        `${resizer(cluster)} was first: cluster ${name} is to have ${cluster.desiredNodes} nodes. Nothing was changed; see muster cluster show, and try again.`,
      );
    refuseWhereItCannot(cluster, world.now());
    if (cluster.desiredNodes === nodes && !mustAskAgain(cluster))
      return out.say(`cluster ${name} is to have ${nodes} nodes already`);
    first = cluster;
    const from = Math.max(cluster.desiredNodes, cluster.knownNodes, cluster.shrinksFrom ?? 0);
    const jobs = await control.runningJobs();
    if (jobs.length > 0 && !(afterJob && from > nodes)) {
      if (!afterJob)
        throw refusal(
          `Cluster ${name} runs ${nameJobs(jobs)}. Wait for the end (muster job wait ID), or add --after-job.`,
        );
      show(`cluster ${name}: waits for the end of ${nameJobs(jobs)}`);
      await world.sleep(LOOK_EVERY_MS, signal);
    } else if (
      await control.perform(clusterWrites.resizeOnRequest(cluster, { nodes, by, from }, world.now()))
    ) {
      const text = `${nodes} nodes instead of ${cluster.desiredNodes}`;
      control.note({ code: "resize-begun", text, by });
      return out.say(`cluster ${name} is to have ${text}`);
    }
  }
}

/** Where a resize has failed, or the cluster has got more nodes than are wanted: no head ends those by itself. */
const mustAskAgain = ({ clusterStatus, knownNodes, desiredNodes }: ClusterItem): boolean =>
  clusterStatus === "FAILED" || (clusterStatus === "FINISHED" && knownNodes > desiredNodes);

/** Waits for the head of a cluster that shrinks. True: no head does it, and no job runs, so the group may be set. */
async function awaitShrunk(
  name: string,
  { nodes }: ResizeOptions,
  { control, show, out, world, signal }: Steps,
): Promise<boolean> {
  if ((await control.readCluster())?.shrinksFrom === undefined) return false;
  const look = watchShrink(nodes, control, () => world.now().getTime());
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen.is === "free")
      out.say(`cluster ${name}: no head node ends its nodes, so the group is set without it`);
    if (seen.is !== "held") return seen.is === "free";
    show(`cluster ${name}: waits for ${seen.what}`);
    await world.sleep(LOOK_EVERY_MS, signal);
  }
}

const resizer = ({ resize }: ClusterItem): string => resize?.by ?? "an apply of its muster_fleet";

/** An apply waits for its own resize. */
function refuseWhereItCannot(cluster: ClusterItem, now: Date): void {
  const { name, clusterStatus, phase, fleet, resume, resize } = cluster;
  if (clusterStatus === "REMOVING" || clusterStatus === "REMOVED")
    throw refusal(`Cluster ${name} is being removed.`);
  if (fleet === undefined)
    throw refusal(
      `Cluster ${name} has no fleet: apply its muster_fleet (cdktf deploy), with that many nodes.`,
    );
  const hold = budgetHold(cluster, now);
  if (hold !== null) throw refusal(`The resize was refused (${hold.reasonCode}): ${hold.reason}.`);
  if (clusterStatus === "PARKED")
    throw refusal(`Cluster ${name} is PARKED: resume it first (muster cluster resume), then resize it.`);
  const isApply = clusterStatus === "INPROGRESS" && resume === undefined && resize === undefined;
  if (isApply || clusterStatus === "NEW" || phase === "draining")
    throw refusal(`Cluster ${name} is ${clusterStatus} (${phase}): wait until its apply has ended.`);
}
