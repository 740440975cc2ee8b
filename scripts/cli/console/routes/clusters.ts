import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { KEEP_ALIVE_MINUTES } from "../../../../agent/contract/activity.js";
import { degradation, withMissing } from "../../../../agent/contract/job-wait.js";
import { keepAlive } from "../../../../agent/contract/keep-alive.js";
import { hostfilePath } from "../../../../agent/contract/names.js";
import { resumeCluster } from "../../../../agent/contract/park.js";
import type { ClusterItem } from "../../../../agent/contract/registry.js";
import { awaitReady } from "../../clusters/await-ready.js";
import { endJobs, parkCluster } from "../../clusters/park.js";
import { refuseSuperseded, resizeCluster } from "../../clusters/resize.js";
import { readDeclaredClusters } from "../../core/declared.js";
import { failure, refusal } from "../../core/exit.js";
import type { ClusterDetail, ClusterView, TaskView } from "../api.js";
import type { RouteDeps } from "../deps.js";
import type { Running } from "../tasks.js";
import { viewCluster } from "../views.js";
import { readConfigText } from "./config-file.js";
import { CLUSTER_PARAMS } from "./params.js";

const MOST_NODES = 1_000;
const EVENTS = 50;

const ParkBody = Type.Object({ cancelJobs: Type.Boolean() }, { additionalProperties: false });
const ResizeBody = Type.Object(
  { nodes: Type.Integer({ minimum: 1, maximum: MOST_NODES }), afterJob: Type.Boolean() },
  { additionalProperties: false },
);
const KeepBody = Type.Object(
  { minutes: Type.Integer({ minimum: KEEP_ALIVE_MINUTES.least, maximum: KEEP_ALIVE_MINUTES.most }) },
  { additionalProperties: false },
);
type Params = Static<typeof CLUSTER_PARAMS>;

/** The org's clusters, by name; shared by all who ask within moments. */
export const listClusters = ({ reads, access }: Pick<RouteDeps, "reads" | "access">) =>
  reads.read("clusters", () => Array.fromAsync(access.clusters.list()));

/** The cluster as it is now. Throws a CommandError where it is gone. */
export async function readCluster({ access }: Pick<RouteDeps, "access">, uuid: string): Promise<ClusterItem> {
  const cluster = await access.clusters.read(uuid);
  if (cluster !== null) return cluster;
  throw failure(`There is no cluster ${uuid} any more: Terraform has destroyed it.`);
}

/** The names that muster.yaml declares for this org; null: there is none here. */
function declaredNames(deps: RouteDeps): ReadonlySet<string> | null {
  const text = readConfigText(deps);
  const file = text === null ? null : readDeclaredClusters(text);
  return file === null || file.org !== deps.place.org ? null : new Set(file.clusters.map(({ name }) => name));
}

export function addClusterRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, reads, world } = deps;
  app.get("/api/clusters", async (): Promise<readonly ClusterView[]> => {
    const declared = declaredNames(deps);
    return (await listClusters(deps)).map((cluster) => viewCluster(cluster, declared, world.now()));
  });
  app.get<{ Params: Params }>(
    "/api/clusters/:uuid",
    { schema: { params: CLUSTER_PARAMS } },
    async ({ params: { uuid } }): Promise<ClusterDetail> =>
      reads.read(`cluster ${uuid}`, async () => {
        const cluster = await readCluster(deps, uuid);
        const [nodes, hosts, events] = await Promise.all([
          access.clusters.nodes(cluster),
          access.clusters.hosts(cluster),
          Array.fromAsync(access.clusters.newestEvents(uuid, "", EVENTS)),
        ]);
        const publicOf = new Map(hosts.map(({ id, publicAddress }) => [id, publicAddress]));
        const degraded = degradation(await withMissing(cluster, async () => nodes));
        return {
          cluster: viewCluster(cluster, declaredNames(deps), world.now()),
          nodes: nodes.map((node) => ({ ...node, publicAddress: publicOf.get(node.id) ?? null })),
          hostfile: hostfilePath(uuid),
          events: events.toReversed().map(({ at, code, text }) => ({ at, code, text })),
          warnings: degraded === null ? [] : [degraded],
        };
      }),
  );
  addSizeRoutes(app, deps);
}

/** What changes a cluster's nodes: each is a task. */
function addSizeRoutes(app: FastifyInstance, deps: RouteDeps): void {
  const { access, reads, world, tasks } = deps;
  const schema = { params: CLUSTER_PARAMS };

  /** Works on the cluster as it is when the task begins. */
  async function start(
    uuid: string,
    what: string,
    work: (cluster: ClusterItem, context: ReturnType<typeof contextOf>) => Promise<string>,
  ): Promise<TaskView> {
    const { name } = await readCluster(deps, uuid);
    return tasks.start({
      title: `${what} cluster ${name}`,
      run: async (running) => {
        try {
          return await work(await readCluster(deps, uuid), contextOf(running));
        } finally {
          reads.forget();
        }
      },
    });
  }
  const contextOf = ({ say, signal }: Running) => ({ access, world, out: { say }, signal });

  app.post<{ Params: Params; Body: Static<typeof ParkBody> }>(
    "/api/clusters/:uuid/park",
    { schema: { ...schema, body: ParkBody } },
    ({ params: { uuid }, body: { cancelJobs } }) =>
      start(uuid, "Park", async (cluster, context) => {
        if (cancelJobs) await endJobs(cluster, context);
        const { clusterStatus, phase } = await parkCluster(cluster, context);
        return `Cluster ${cluster.name} is ${clusterStatus} (${phase}).`;
      }),
  );
  app.post<{ Params: Params }>("/api/clusters/:uuid/resume", { schema }, ({ params: { uuid } }) =>
    start(uuid, "Resume", async ({ name }, context) => {
      const by = (await access.account.caller()) ?? "muster console";
      const outcome = await resumeCluster(access.parking(uuid), by, () => world.now());
      if (outcome.is === "closed") throw refusal(`Cluster ${name} is being removed.`);
      if (outcome.is === "no-fleet")
        throw refusal(
          `Cluster ${name} has no fleet: nothing says how many nodes it is to have. Deploy it again.`,
        );
      if ("nodes" in outcome) context.out.say(`cluster ${name} gets ${outcome.nodes} nodes`);
      else context.out.say(`cluster ${name} is not parked`);
      const { hostfileNodes, cores } = await awaitReady(uuid, context);
      return `Cluster ${name} is ready: ${hostfileNodes} nodes with ${cores} cores.`;
    }),
  );
  app.post<{ Params: Params; Body: Static<typeof ResizeBody> }>(
    "/api/clusters/:uuid/resize",
    { schema: { ...schema, body: ResizeBody } },
    ({ params: { uuid }, body }) =>
      start(uuid, `Resize to ${body.nodes} nodes:`, async (cluster, context) => {
        await resizeCluster(cluster, body, context);
        const last = await awaitReady(uuid, context);
        refuseSuperseded(last, cluster.name, body.nodes);
        return `Cluster ${cluster.name} is ready: ${last.hostfileNodes} nodes with ${last.cores} cores.`;
      }),
  );
  app.post<{ Params: Params; Body: Static<typeof KeepBody> }>(
    "/api/clusters/:uuid/keep-alive",
    { schema: { ...schema, body: KeepBody } },
    async ({ params: { uuid }, body: { minutes } }) => {
      const { name } = await readCluster(deps, uuid);
      const kept = await keepAlive(uuid, access.parking(uuid), minutes, world.now());
      reads.forget();
      if (kept.is !== "kept")
        throw refusal(`Cluster ${name} is ${kept.is}: it has no nodes to keep awake. Resume it first.`);
      return { keepAliveUntil: kept.until.toISOString() };
    },
  );
}
