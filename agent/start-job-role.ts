import type { Logger } from "pino";
import { JOB_ROLE_PORT } from "./contract/job-role.js";
import { AgentError, reasonOf } from "./errors.js";
import { buildJobRoleApp } from "./http/job-role-app.js";
import { createJobRole } from "./jobs/job-role.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { keepRoleToken } from "./system/job-role-token.js";
import { systemClock as clock } from "./time/clock.js";

interface JobRoleParts {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly log: Logger;
}

/** The endpoint where this node's jobs get their role's credentials; nothing where the cluster has no job role. */
export async function startJobRole({
  config,
  identity,
  log,
}: JobRoleParts): Promise<{ close(): Promise<void> }> {
  const { jobRoleArn, clusterName } = config;
  if (jobRoleArn === undefined) return { close: async () => undefined };
  // Most clusters have none, and need no memory for it.
  const { createAssumeRole, openSts } = await import("./aws/job-role.js");
  const { instanceId, region } = identity;
  const client = openSts(region);
  const assume = createAssumeRole({ client, roleArn: jobRoleArn, clusterName, instanceId });
  const role = createJobRole({ assume, clock, log });
  try {
    const app = buildJobRoleApp({ token: await keepRoleToken(), role, log });
    await app.listen({ host: "127.0.0.1", port: JOB_ROLE_PORT });
    role.start();
    return {
      async close() {
        await app.close();
        await role.stop();
        client.destroy();
      },
    };
  } catch (error) {
    throw new AgentError("listen-failed", `127.0.0.1:${JOB_ROLE_PORT} (${reasonOf(error)})`, error);
  }
}
