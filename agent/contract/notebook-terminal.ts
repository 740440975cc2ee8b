import { type Static, Type } from "@sinclair/typebox";
import { ClusterItem, NodeSummary } from "./registry.js";

/*
 * What `muster` asks at NOTEBOOK_SOCKET, in a notebook's terminal: the routes of jobs and logs as in http.ts, and this one.
 */

/** GET: the cluster that the notebook is attached to, as the registry has it. 404 where it is gone. */
export const NOTEBOOK_CLUSTER_PATH = "/v1/notebook/cluster";

export const NotebookClusterReply = Type.Object({
  submitter: Type.String({ description: "who submits the jobs that come this way: see notebookSubmitter" }),
  cluster: ClusterItem,
  nodes: Type.Array(NodeSummary, { description: "the cluster's, as its head last saw them" }),
});
export type NotebookClusterReply = Static<typeof NotebookClusterReply>;
