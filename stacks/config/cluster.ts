import { Value } from "@sinclair/typebox/value";
import { clusterProblems } from "./check.js";
import { ConfigError } from "./problem.js";
import { clusterRuleProblems } from "./rules.js";
import type { ClusterSettings } from "./schema.js";
import { ClusterSettings as Schema } from "./schema.js";

/** A cluster's settings as code gives them: what has a default in muster.yaml may be left out. */
export type ClusterInput = Pick<ClusterSettings, "name" | "nodes"> & Partial<ClusterSettings>;

/** The settings with the defaults of muster.yaml. Throws ConfigError with everything that is wrong with them. Pure. */
export function completeCluster(input: ClusterInput): ClusterSettings {
  const settings = Value.Default(Schema, structuredClone(input));
  const problems = [...clusterProblems(settings), ...clusterRuleProblems(settings as ClusterSettings)];
  if (problems.length > 0) throw new ConfigError(`cluster ${input.name}`, problems);
  return settings as ClusterSettings;
}
