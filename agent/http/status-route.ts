import type { FastifyInstance } from "fastify";
import { StatusReply } from "../contract/http.js";
import { hostfilePath } from "../contract/names.js";
import type { ClusterItem, JobItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";

/** Where /v1/status gets its facts. */
export interface StatusSource {
  readonly node: { readonly id: string; readonly address: string };
  readonly clusterUuid: string;
  readCluster(): Promise<ClusterItem | null>;
  /** Jobs that have not ended. */
  queue(): Promise<readonly JobItem[]>;
  /** The held generation; null unless this node is head. */
  generation(): number | null;
  /** The head, where this node is it or is connected to it. */
  head(): { readonly id: string; readonly address: string } | null;
}

/** GET /v1/status: any node answers, from the registry, with what the head has written there. */
export function addStatusRoute(app: FastifyInstance, source: StatusSource): void {
  app.get("/v1/status", { schema: { response: { 200: StatusReply } } }, async (): Promise<StatusReply> => {
    const [meta, queue] = await Promise.all([source.readCluster(), source.queue()]);
    if (meta === null) throw new AgentError("not_found", `cluster ${source.clusterUuid} in the registry`);
    return composeStatus(source, meta, queue);
  });
}

function composeStatus(source: StatusSource, meta: ClusterItem, queue: readonly JobItem[]): StatusReply {
  const { uuid, name, clusterStatus, phase, reason } = meta;
  const generation = source.generation();
  return {
    cluster: { uuid, name, clusterStatus, phase, reason },
    node: { id: source.node.id, address: source.node.address, isHead: generation !== null },
    head: source.head(),
    leaseGeneration: generation ?? meta.leaseGeneration,
    nodes: meta.nodes,
    hostfile: hostfilePath(uuid),
    cores: meta.cores,
    jobs: {
      running: queue.find(({ status }) => status === "INPROGRESS")?.id ?? null,
      queued: queue.filter(({ status }) => status === "NEW").length,
    },
  };
}
