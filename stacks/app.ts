import type { App } from "cdktf";
import { clusterStackName } from "../agent/contract/names.js";
import { ClusterStack } from "./cluster-stack.js";
import type { MusterConfig } from "./config/load.js";
import { OrgStack } from "./org-stack.js";

/**
 * Declares what muster.yaml asks for: the stack `muster_<org>`, and for each cluster `muster_<org>_<cluster>`, deployed
 * after it and destroyed before it. Names have no underscore, so no two stacks can have the same id.
 */
export function declareStacks(app: App, config: MusterConfig): void {
  const { org, state } = config;
  const account = config.account === undefined ? {} : { account: config.account };
  const orgStack = new OrgStack(app, `muster_${org.name}`, { org, state, ...account });
  for (const { cluster, jobDefinitions, bootScriptText } of config.clusters) {
    const stack = new ClusterStack(app, clusterStackName(org.name, cluster.name), {
      org,
      state,
      ...account,
      cluster,
      jobDefinitions,
      bootScriptText,
    });
    stack.addDependency(orgStack);
  }
}
