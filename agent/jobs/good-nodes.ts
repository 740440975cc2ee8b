import { type Because, because, type JobReasonCode } from "../contract/reasons.js";
import { type JobItem, type LaunchNode, type LeftOutNode, MAX_LEFT_OUT } from "../contract/registry.js";
import { type Hostfile, type JobSettings, type LaunchPlan, planLaunch } from "./launch-plan.js";
import type { HeadView } from "./ports.js";
import { type BadHost, describeBadHosts, type Preflight } from "./preflight.js";

export interface GoodNodesDeps {
  readonly self: LaunchNode;
  readonly head: Pick<HeadView, "instanceAt" | "setAside">;
  readonly preflight: Preflight;
  readonly settings: JobSettings;
}

/** A plan on nodes that passed, or why there is none; `host` is the one node that it is due to. */
export type PlannedOrNot =
  | { readonly plan: LaunchPlan; readonly leftOut: LeftOutNode[] }
  | { readonly why: Because<JobReasonCode>; readonly host?: string };

/**
 * Plans the launch on these nodes, and looks at each that the job is to run on. One that is bad is set aside, for the next job
 * too; this one fails, or runs without it where it says so, and where what is left is enough.
 */
export async function planOnGoodNodes(
  item: JobItem,
  hostfile: Hostfile | null,
  deps: GoodNodesDeps,
): Promise<PlannedOrNot> {
  const { head, settings, self } = deps;
  const plan = planLaunch(item, hostfile, settings);
  if ("reason" in plan) return { why: plan };
  const used = new Set(plan.hosts.map(({ address }) => address));
  const nodes = hostfile?.nodes.filter(({ address }) => used.has(address)) ?? [];
  const bad = (await deps.preflight.check(nodes)).map((host) => named(host, head));
  const [first] = bad;
  if (first === undefined) return { plan, leftOut: [] };
  head.setAside(bad.map(({ address }) => address));
  const reason = describeBadHosts(bad, nodes.length);
  const failed = (why: string): PlannedOrNot => ({
    why: because(first.reasonCode, why),
    ...(bad.length === 1 ? { host: first.address } : {}),
  });
  // mpiexec and the job's folder are the head's: without it there is nothing to go on with.
  const isHead = bad.some(({ address }) => address === self.address);
  if (item.request.onBadNode !== "continue" || isHead) return failed(reason);
  const rest = planLaunch(item, without(hostfile, bad), settings);
  if ("reason" in rest) return failed(`${reason}; without them ${rest.reason}`);
  return { plan: rest, leftOut: bad.slice(0, MAX_LEFT_OUT).map(leftOutNode) };
}

const named = (host: BadHost, head: Pick<HeadView, "instanceAt">): BadHost => ({
  ...host,
  instanceId: host.instanceId ?? head.instanceAt(host.address),
});

function without(hostfile: Hostfile | null, bad: readonly BadHost[]): Hostfile | null {
  if (hostfile === null) return null;
  const isGood = (address: string) => bad.every((host) => host.address !== address);
  return { ...hostfile, nodes: hostfile.nodes.filter(({ address }) => isGood(address)) };
}

const leftOutNode = ({ address, instanceId, reasonCode }: BadHost): LeftOutNode => ({
  ...{ address, reasonCode },
  ...(instanceId === null ? {} : { instanceId }),
});
