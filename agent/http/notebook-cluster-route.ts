import type { FastifyInstance } from "fastify";
import type { StatusReply } from "../contract/http.js";
import { NOTEBOOK_CLUSTER_PATH, NotebookClusterReply } from "../contract/notebook-terminal.js";
import type { ClusterItem } from "../contract/registry.js";
import { AgentError } from "../errors.js";
import type { StatusSource } from "./status-route.js";

/** What the route needs of the agent of a notebook's node. */
export interface NotebookClusterDeps {
  readonly submitter: string;
  readonly clusterUuid: string;
  /** The cluster as it was moments ago; null: it has been removed. */
  readCluster(): Promise<ClusterItem | null>;
  /** Has the cluster's nodes. */
  readonly status: Pick<StatusSource, "read">;
}

/** GET NOTEBOOK_CLUSTER_PATH, at a notebook's socket alone. */
export function addNotebookClusterRoute(app: FastifyInstance, deps: NotebookClusterDeps): void {
  app.get(
    NOTEBOOK_CLUSTER_PATH,
    { schema: { response: { 200: NotebookClusterReply } } },
    async (): Promise<NotebookClusterReply> => {
      const [cluster, status] = await Promise.all([deps.readCluster(), deps.status.read()]);
      if (cluster === null) throw new AgentError("not-found", `cluster ${deps.clusterUuid} in the registry`);
      const { nodes } = status === null ? { nodes: [] } : (JSON.parse(String(status)) as StatusReply);
      return { submitter: deps.submitter, cluster, nodes };
    },
  );
}
