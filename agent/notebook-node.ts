import type { NodeActivity } from "./contract/activity.js";
import type { ClusterItem } from "./contract/registry.js";
import type { AppDeps } from "./http/app.js";
import type { FailingProbe } from "./notebook/observation.js";

/** What of a running agent its notebook uses. */
export interface NotebookAgent {
  /** As the agent's own API is served. */
  readonly served: AppDeps;
  /** The probes that fail, but for the one that asks for a head. */
  failing(): readonly FailingProbe[];
  /** Null: this node has no connection to one. */
  headAddress(): string | null;
  /** The cluster as it was moments ago. */
  readCluster(): Promise<ClusterItem | null>;
}

/** The notebook of this node, as the agent sees it. */
export interface NotebookNode {
  /** What the node reports to its cluster's head. */
  report(): NodeActivity;
  /** Listens, and begins to look after JupyterLab. Call once. Throws AgentError listen-failed. */
  start(agent: NotebookAgent): Promise<void>;
  /** A probe has begun or ceased to fail. */
  wake(): void;
  /** JupyterLab and its kernels run on, for the next agent. */
  stop(): Promise<void>;
}
