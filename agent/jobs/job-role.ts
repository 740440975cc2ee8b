import type { Logger } from "pino";
import { JOB_ROLE_PATH, JOB_ROLE_PORT, JOB_ROLE_TOKEN_FILE } from "../contract/job-role.js";
import { AgentError, reasonOf } from "../errors.js";
import type { Clock } from "../time/clock.js";
import { createLoop } from "../time/loop.js";

/** Temporary credentials of the job role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** The job role's credentials on this node, renewed in time. */
export interface JobRole {
  /** Begins to renew. The first credentials come soon after. Call once. */
  start(): void;
  /** What is held now: no request of a job calls AWS. Throws AgentError job-role-unavailable. */
  credentials(): RoleCredentials;
  stop(): Promise<void>;
}

export interface JobRoleDeps {
  /** Bounded. Rejects with AgentError job-role-unavailable. */
  assume(): Promise<RoleCredentials>;
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly log: Logger;
}

/** AWS SDKs ask for others up to 15 minutes before the end: what they get then must last longer. */
const RENEW_BEFORE_MS = 20 * 60_000;
const MIN_PAUSE_MS = 60_000;
const RETRY_MS = 5_000;

export function createJobRole({ assume, clock, log }: JobRoleDeps): JobRole {
  let held: RoleCredentials | null = null;
  let failure: unknown = new AgentError("job-role-unavailable", "the agent has only started");
  const leftMs = ({ expiration }: RoleCredentials) => expiration.getTime() - clock.now().getTime();
  const loop = createLoop({
    async step() {
      try {
        held = await assume();
        return Math.max(MIN_PAUSE_MS, leftMs(held) - RENEW_BEFORE_MS);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    retryMs: RETRY_MS,
    onOutage: (error) => log.warn({ reason: reasonOf(error) }, "jobs may have no credentials of their role"),
    clock,
  });
  return {
    start: () => void loop.start(),
    credentials() {
      if (held === null || leftMs(held) <= 0) throw failure;
      return held;
    },
    stop: loop.stop,
  };
}

/** How AWS SDKs find a job role's credentials on a node; nothing where the cluster has no role. No value is secret. Pure. */
export const roleVariables = (
  { jobRoleArn }: { readonly jobRoleArn?: string | undefined },
  region: string,
): Readonly<Record<string, string>> =>
  jobRoleArn === undefined
    ? {}
    : {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${JOB_ROLE_PORT}${JOB_ROLE_PATH}`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: JOB_ROLE_TOKEN_FILE,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
      };
