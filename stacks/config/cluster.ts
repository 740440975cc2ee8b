import { checkCluster } from "./check.js";
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
