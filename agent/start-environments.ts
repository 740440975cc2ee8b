import type { S3Client } from "@aws-sdk/client-s3";
import type { Logger } from "pino";
import { createSetupLogBucket } from "./aws/setup-log-bucket.js";
import { NODE_ENVIRONMENTS, STORED_ENVIRONMENTS } from "./contract/names.js";
import { JOB_USER } from "./contract/node-accounts.js";
import { createJobEnvironments } from "./environments/environments.js";
import { createPrepareNode, type PrepareNode } from "./environments/node.js";
import { createSetupLogs } from "./environments/setup-logs.js";
import { reasonOf } from "./errors.js";
import { clusterVariables } from "./jobs/cluster-variables.js";
import type { JobEnvironments } from "./jobs/ports.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { createAskPreparation } from "./system/ask-preparation.js";
import type { Cgroups } from "./system/cgroups.js";
import { createEnvironmentFiles, readImageFacts } from "./system/environment-files.js";
import type { Errands } from "./system/errands.js";
import type { PeerClient } from "./system/peer-client.js";
import { createSetupRuns } from "./system/setup-runs.js";
import { systemClock as clock } from "./time/clock.js";

/** Where the image has what makes environments. */
const PLACES = {
  root: NODE_ENVIRONMENTS,
  stored: STORED_ENVIRONMENTS,
  uv: "/usr/lib/muster/uv",
  python: "/usr/bin/python3",
  wheels: "/usr/lib/muster/wheels",
  etc: "/etc",
} as const;

interface EnvironmentParts {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly s3: S3Client;
  readonly errands: Errands;
  readonly cgroups: Cgroups;
  readonly peers: PeerClient;
  readonly log: Logger;
}

/** This node's part in jobs' environments and set-ups, and what it does about them while it is head. */
interface EnvironmentsStarted {
  readonly environments: JobEnvironments;
  readonly prepare: PrepareNode;
  close(): Promise<void>;
}

/** Begins to deliver what set-ups have printed, and removes what a killed installation has left. */
export function startEnvironments(parts: EnvironmentParts): EnvironmentsStarted {
  const { config, identity, s3, errands, cgroups, peers, log } = parts;
  const files = createEnvironmentFiles(errands, PLACES);
  const setups = createSetupRuns({ cgroups });
  const put = createSetupLogBucket({
    client: s3,
    bucket: config.logBucket,
    clusterUuid: config.clusterUuid,
    node: identity.instanceId,
  });
  const logs = createSetupLogs({ files: setups, put, clock, log });
  logs.start();
  files
    .clean()
    .catch((error: unknown) => log.warn({ reason: reasonOf(error) }, "environments: can't clean up"));
  return {
    environments: createJobEnvironments({
      files,
      image: () => readImageFacts(PLACES.python),
      ask: createAskPreparation(peers),
      clock,
      root: PLACES.root,
      user: JOB_USER,
      roleVariables: clusterVariables(config, identity.region),
    }),
    prepare: createPrepareNode({ files, setups, address: identity.address, onSetupEnd: logs.wake, log }),
    close: logs.stop,
  };
}
