import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pMap from "p-map";
import type { BootProblem } from "./boot-problem.js";
import type { CloudPlaces } from "./cloud.js";
import { type ObservedNode, planNodes } from "./plan.js";
import { renderHosts } from "./render.js";
import { applyEfs } from "./system/efs.js";
import type { HostImages } from "./system/images.js";
import { makeLan } from "./system/lan.js";
import { writeLocalLayer } from "./system/layers.js";
import { mountImage, mountSmall } from "./system/mounts.js";
import { type BootOptions, isPoweredOn, nodePlaces, powerOff, powerOn, removeNode } from "./system/node.js";
import type { CloudView, Instance } from "./view.js";

/** Two cores boot four nodes at a time about as fast as one by one, and the first are ready sooner. */
const STARTS_AT_ONCE = 4;

/** Sizes of what can become full, in megabytes; without one it is as large as the machine's own disk. */
export interface Sizes {
  /** Of each node's own disk. */
  readonly diskMb?: number;
  /** Of all EFS file systems together. */
  readonly filesMb?: number;
}

export interface HostsOptions {
  readonly cloud: CloudPlaces;
  /** The folder scripts/local/hosts/node: what runs inside nodes. */
  readonly nodeScripts: string;
  /** Writes the agent's files into that folder; usually writeAgentLayer. */
  readonly writeAgent: (folder: string) => Promise<void>;
  /** The node image, from buildImage. */
  readonly squashfs: string;
  /** What the instances boot. */
  readonly images: Pick<HostImages, "layersOf">;
  readonly sizes?: Sizes;
}

type NodeOptions = Omit<BootOptions, "layers"> & Pick<HostsOptions, "images">;

/** What one reconciliation did, as instance ids. */
export interface ReconcileReport {
  readonly started: readonly string[];
  readonly stopped: readonly string[];
  /** Running for EC2, but their node is off. */
  readonly dead: readonly string[];
  /** Instances whose node did not start; the next reconciliation tries again. */
  readonly unstarted: readonly BootProblem[];
  /** Other failures; the next reconciliation tries again. */
  readonly problems: readonly string[];
}

/** The machines of a local cloud. */
export interface Hosts {
  /** LAN, image and layers. Once before the first reconcile; may run twice while there is no node. */
  prepare(): Promise<void>;
  /** Brings nodes, names and file systems to `view`. May run at any time: calls wait for each other. */
  reconcile(view: CloudView): Promise<ReconcileReport>;
}

/** Hosts for one cloud on this machine. Needs root. One process per cloud may have them. */
export function createHosts(options: HostsOptions): Hosts {
  const { cloud, nodeScripts, images, sizes = {} } = options;
  const boot = { nodeScripts, images, ...(sizes.diskMb === undefined ? {} : { diskMb: sizes.diskMb }) };
  let last: Promise<unknown> = Promise.resolve();
  return {
    async prepare() {
      for (const folder of [cloud.nodes, cloud.efs, cloud.vpc, cloud.images])
        mkdirSync(folder, { recursive: true });
      if (sizes.filesMb !== undefined) await mountSmall(cloud.efs, sizes.filesMb);
      await makeLan(cloud.netns);
      await mountImage(options.squashfs, cloud.image);
      mkdirSync(cloud.agentLayer, { recursive: true });
      await options.writeAgent(cloud.agentLayer);
      writeLocalLayer(cloud.localLayer, nodeScripts);
    },
    reconcile(view) {
      const turn = last.then(() => reconcileOnce(cloud, boot, view));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

/** The nodes that this machine has for the cloud, on or off. */
export function observeNodes(cloud: CloudPlaces): ObservedNode[] {
  if (!existsSync(cloud.nodes)) return [];
  return readdirSync(cloud.nodes)
    .map((instanceId) => ({ instanceId, places: nodePlaces(cloud, instanceId) }))
    .filter(({ places }) => existsSync(places.root))
    .map(({ instanceId, places }) => ({
      instanceId,
      power: isPoweredOn(places) ? "on" : "off",
      isStopped: existsSync(places.stoppedMark),
    }));
}

async function reconcileOnce(
  cloud: CloudPlaces,
  boot: NodeOptions,
  view: CloudView,
): Promise<ReconcileReport> {
  applyEfs(cloud.efs, view);
  writeHosts(cloud.vpc, renderHosts(view.instances));
  const plan = planNodes(view, observeNodes(cloud));
  const problems: string[] = [];
  const unstarted: BootProblem[] = [];
  const attempt = async (work: () => Promise<void>, onError: (problem: string) => void): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      onError((error as Error).message);
      return false;
    }
  };
  const stopped = await thoseDone(plan.stop, (id) =>
    attempt(
      async () => {
        await powerOff(nodePlaces(cloud, id));
        await removeNode(nodePlaces(cloud, id));
      },
      (problem) => problems.push(problem),
    ),
  );
  await thoseDone(plan.halt, (id) =>
    attempt(
      async () => {
        await powerOff(nodePlaces(cloud, id));
        writeFileSync(nodePlaces(cloud, id).stoppedMark, "");
      },
      (problem) => problems.push(problem),
    ),
  );
  const started = await thoseDone(plan.start, (instance) =>
    attempt(
      () => startNode(cloud, instance, boot),
      (problem) => unstarted.push({ instanceId: instance.id, problem }),
    ),
  );
  return { started: started.map(({ id }) => id), stopped, dead: plan.dead, unstarted, problems };
}

/** Starts the node. If that fails, only its console is left. */
async function startNode(cloud: CloudPlaces, instance: Instance, boot: NodeOptions): Promise<void> {
  try {
    await powerOn(cloud, instance, { ...boot, layers: await boot.images.layersOf(instance.imageId) });
  } catch (error) {
    await removeNode(nodePlaces(cloud, instance.id));
    throw error;
  }
}

/** Works on all items, a few at a time; gives those for which `work` returned true, in order. */
async function thoseDone<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<T[]> {
  const done = await pMap(items, work, { concurrency: STARTS_AT_ONCE });
  return items.filter((_item, index) => done[index]);
}

/** Nodes read the file at any time: it is replaced, never rewritten. */
function writeHosts(folder: string, text: string): void {
  const path = join(folder, "hosts");
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
