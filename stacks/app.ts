import type { App } from "cdktf";
import type { MusterConfig } from "./config/load.js";
import { OrgStack } from "./org-stack.js";

/** Declares what muster.yaml asks for: the org's stack, and one for each cluster, deployed after and destroyed before it. */
export function declareStacks(app: App, config: MusterConfig): void {
  const { org, state } = config;
  // Names have no underscore, so no two stacks can have the same id.
  new OrgStack(app, `muster_${org.name}`, { org, state });
}
