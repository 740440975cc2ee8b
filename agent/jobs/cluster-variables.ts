import type { AgentConfig } from "../contract/agent-config.js";
import { proxyVariables } from "../contract/proxy.js";
import { roleVariables } from "./job-role.js";

/** What the cluster gives each of its jobs: how AWS SDKs find the job role's credentials, and the proxy, where it is theirs too. Pure. */
export const clusterVariables = (
  config: Pick<AgentConfig, "jobRoleArn" | "proxy">,
  region: string,
): Readonly<Record<string, string>> => ({
  ...(config.proxy?.jobs === true ? proxyVariables(config.proxy) : {}),
  ...roleVariables(config, region),
});
