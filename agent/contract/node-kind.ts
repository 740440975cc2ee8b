/**
 * What a node is for. A `worker` is one of the fleet's, and jobs run on it; a `notebook` has a person's notebook, a `builder` bakes an
 * image. The other two are in the cluster's registry beside the workers, but never in its hostfile, nor counted in its fleet.
 */
export const NODE_KINDS = ["worker", "notebook", "builder"] as const;
export type NodeKind = (typeof NODE_KINDS)[number];

/** Whether the node is one of the fleet's: the rule for counts, for the hostfile, and for who may become head. */
export const isWorker = ({ kind }: { readonly kind: NodeKind }): boolean => kind === "worker";
