import type { FastifyInstance } from "fastify";
import { NOTEBOOK_CLUSTER_PATH, NotebookClusterReply } from "../contract/notebook-terminal.js";
import type { ClusterItem, NodeSummary } from "../contract/registry.js";
import { AgentError } from "../errors.js";

/** What the route needs of the agent of a notebook's node. */
export interface NotebookClusterDeps {
  /** The notebook's name. */
  readonly notebook: string;
  readonly clusterUuid: string;
  /** META, consistently read; null: the cluster has been removed. */
  readCluster(): Promise<ClusterItem | null>;
  /** The cluster's nodes as its head last saw them. */
  readNodes(cluster: ClusterItem): Promise<readonly NodeSummary[]>;
}

/** GET NOTEBOOK_CLUSTER_PATH, at a notebook's socket alone. */
export function addNotebookClusterRoute(app: FastifyInstance, deps: NotebookClusterDeps): void {
  app.get(
    NOTEBOOK_CLUSTER_PATH,
    { schema: { response: { 200: NotebookClusterReply } } },
    async (): Promise<NotebookClusterReply> => {
      const cluster = await deps.readCluster();
      if (cluster === null) throw new AgentError("not-found", `cluster ${deps.clusterUuid} in the registry`);
      return { notebook: deps.notebook, cluster, nodes: [...(await deps.readNodes(cluster))] };
    },
  );
}
