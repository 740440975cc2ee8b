import { existsSync } from "node:fs";
import { writeBootProblems } from "./boot-problems.js";
import type { CloudObserver } from "./hosts/aws/observe.js";
import type { BootProblem } from "./hosts/boot-problem.js";
import { createBootWatch } from "./hosts/boot-watch.js";
import type { CloudPlaces } from "./hosts/cloud.js";
import { type Hosts, observeNodes, type ReconcileReport } from "./hosts/hosts.js";
import { nodePlaces } from "./hosts/system/node.js";
import type { CloudView } from "./hosts/view.js";
import { openLimits } from "./limits/limits.js";

export interface ReconcilerOptions {
  readonly cloud: CloudPlaces;
  readonly hosts: Hosts;
  readonly observer: CloudObserver;
  /** Called with the running instances whose own system has powered them off; rejections are news. */
  readonly onPowerOff: (instanceIds: readonly string[]) => Promise<void>;
}

/**
 * Each call reads the account once, reconciles the hosts with it, and returns the news. A failure is news too: the next call tries
 * again. Boot problems are written where status and quickstart read them.
 */
export function createReconciler({
  cloud,
  hosts,
  observer,
  onPowerOff,
}: ReconcilerOptions): () => Promise<string> {
  const boots = createBootWatch(cloud);
  let known = "";
  return async () => {
    try {
      const view = await observer.observe();
      const refused = await claimLimits(cloud, view);
      const report = await hosts.reconcile(refused === null ? view : withoutNewNodes(cloud, view));
      const poweredOff = report.dead.filter((id) => existsSync(nodePlaces(cloud, id).powerOffMark));
      if (poweredOff.length > 0) await onPowerOff(poweredOff);
      const missing = refused === null ? [] : newInstances(cloud, view);
      const problems: BootProblem[] = [
        ...missing.map((instanceId) => ({ instanceId, problem: refused ?? "" })),
        ...report.unstarted,
        ...boots.look(report.dead.filter((id) => !poweredOff.includes(id))),
      ];
      if (JSON.stringify(problems) !== known) writeBootProblems(cloud, problems);
      known = JSON.stringify(problems);
      return renderNews(report, problems);
    } catch (error) {
      return `can't reconcile: ${(error as Error).message}`;
    }
  };
}

/** Raises this machine's limits for all wanted nodes, before the first of them starts. Gives the problem, or null. */
async function claimLimits({ folder }: CloudPlaces, { instances }: CloudView): Promise<string | null> {
  const limits = openLimits();
  if (instances.length <= limits.claimed(folder)) return null;
  return limits.claim(folder, instances.length).then(
    () => null,
    (error: Error) => error.message,
  );
}

function newInstances(cloud: CloudPlaces, { instances }: CloudView): string[] {
  const there = new Set(observeNodes(cloud).map(({ instanceId }) => instanceId));
  return instances.map(({ id }) => id).filter((id) => !there.has(id));
}

function withoutNewNodes(cloud: CloudPlaces, view: CloudView): CloudView {
  const unstarted = new Set(newInstances(cloud, view));
  const instances = view.instances.map((instance) =>
    unstarted.has(instance.id) ? { ...instance, isRunning: false } : instance,
  );
  return { ...view, instances };
}

function renderNews(
  { started, stopped, dead, problems }: ReconcileReport,
  boot: readonly BootProblem[],
): string {
  const failing = boot.map(({ instanceId, problem }) => `${instanceId}: ${problem}`);
  const lists = { started, stopped, "power is off": dead, problems, "can't boot": failing };
  return Object.entries(lists)
    .filter(([, items]) => items.length > 0)
    .map(([what, items]) => `${what}: ${items.join(", ")}`)
    .join("; ");
}
