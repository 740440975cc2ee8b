import { checkCluster, checkNotebook } from "./check.js";
import type { NotebookSettings } from "./notebook.js";
import { oneNotebookProblems } from "./notebook-rules.js";
import { ConfigError } from "./problem.js";
import { clusterRuleProblems } from "./rules.js";
import type { ClusterSettings } from "./schema.js";

/** A cluster's settings as code gives them: what has a default in muster.yaml may be left out. */
export type ClusterInput = Pick<ClusterSettings, "name" | "nodes"> & Partial<ClusterSettings>;

/** The settings with the defaults of muster.yaml. Throws ConfigError with every problem. Pure. */
export function completeCluster(input: ClusterInput): ClusterSettings {
  const { value, problems } = checkCluster(input);
  const settings = value as ClusterSettings;
  const all = [...problems, ...clusterRuleProblems(settings)];
  if (all.length > 0) throw new ConfigError(`cluster ${input.name}`, all);
  return settings;
}

/** A notebook's settings as code gives them: what has a default in muster.yaml may be left out. */
export type NotebookInput = Pick<NotebookSettings, "name"> & Partial<NotebookSettings>;

/** The notebook's settings with the defaults of muster.yaml; `instanceType` is that of the cluster's nodes. Throws ConfigError with every problem. Pure. */
export function completeNotebook(input: NotebookInput, instanceType: string): NotebookSettings {
  const { value, problems } = checkNotebook(input);
  const settings = value as NotebookSettings;
  const all = [...problems, ...oneNotebookProblems(settings, { instanceType })];
  if (all.length > 0) throw new ConfigError(`notebook ${input.name}`, all);
  return settings;
}
