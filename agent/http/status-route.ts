import type { FastifyInstance } from "fastify";
import { StatusReply } from "../contract/http.js";
import { hostfilePath } from "../contract/names.js";
import { type ObservedCluster, summarizeNodes } from "../contract/nodes.js";
import type { ClusterItem, NodeItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import { isUnreadable, type QueueEntry } from "../jobs/ports.js";

/** The sources of /v1/status. */
export interface StatusSource {
  readonly node: { readonly id: string; readonly address: string };
  readonly clusterUuid: string;
  readCluster(): Promise<ClusterItem | null>;
  readNodes(): Promise<readonly NodeItem[]>;
  /** Jobs that have not ended. */
  queue(): Promise<readonly QueueEntry[]>;
  /** The held generation; null unless this node is head. */
  generation(): number | null;
  /** The head, if this node is the head or connected to it. */
  head(): { readonly id: string; readonly address: string } | null;
}

/** How many unreadable items are named. */
const MAX_UNREADABLE = 20;

/** GET /v1/status: any node answers, from the registry, with what the head has written there. */
export function addStatusRoute(app: FastifyInstance, source: StatusSource): void {
  const queueOnce = shared(source.queue);
  const nodesOnce = shared(source.readNodes);
  app.get("/v1/status", { schema: { response: { 200: StatusReply } } }, async (): Promise<StatusReply> => {
    const [meta, nodes, queue] = await Promise.all([source.readCluster(), nodesOnce(), queueOnce()]);
    if (meta === null) throw new AgentError("not-found", `cluster ${source.clusterUuid} in the registry`);
    return composeStatus(source, { ...meta, nodes: summarizeNodes(nodes, meta) }, queue);
  });
}

function composeStatus(
  source: StatusSource,
  meta: ObservedCluster,
  queue: readonly QueueEntry[],
): StatusReply {
  const { uuid, name, clusterStatus, phase, reasonCode, reason, activity } = meta;
  const seen = activity === undefined ? {} : { activity };
  const generation = source.generation();
  const jobs = queue.flatMap((entry) => (isUnreadable(entry) ? [] : [entry]));
  const unreadable = queue.filter(isUnreadable).slice(0, MAX_UNREADABLE);
  return {
    cluster: { uuid, name, clusterStatus, phase, reasonCode, reason, ...seen },
    node: { id: source.node.id, address: source.node.address, isHead: generation !== null },
    head: source.head(),
    leaseGeneration: generation ?? meta.leaseGeneration,
    nodes: [...meta.nodes],
    hostfile: hostfilePath(uuid),
    cores: meta.cores,
    jobs: {
      running: jobs.find(({ status }) => status === "INPROGRESS")?.id ?? null,
      queued: jobs.filter(({ status }) => status === "NEW").length,
      unreadable: unreadable.map(({ key, problem }) => ({ key: key.slice(0, 100), problem })),
    },
  };
}

/** One call at a time: those who ask meanwhile get its answer. However many ask, one answer is in memory. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => {
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  };
}
