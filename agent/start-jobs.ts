import { randomBytes } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Logger } from "pino";
import { createCredentialStore } from "./aws/git-credentials.js";
import { createSourceObjects } from "./aws/source-objects.js";
import { SHARED_ROOT } from "./contract/names.js";
import { JOB_USER } from "./contract/node-accounts.js";
import { SOURCE_LIMITS } from "./contract/source-policy.js";
import { reasonOf } from "./errors.js";
import { clusterVariables } from "./jobs/cluster-variables.js";
import type {
  HeadView,
  JobEnvironments,
  JobProcesses,
  JobRegistry,
  JobSources,
  RankView,
} from "./jobs/ports.js";
import { createPreflight, type Preflight } from "./jobs/preflight.js";
import { createJobRunner, type JobRunner } from "./jobs/runner.js";
import { runtimesFor } from "./jobs/runtimes.js";
import { createLogDelivery } from "./logs/delivery.js";
import type { LogBucket } from "./logs/ports.js";
import type { ResolvedConfig } from "./node/config.js";
import type { NodeIdentity } from "./node/identity.js";
import { AGENT_VERSION } from "./node/version.js";
import { createJobSources } from "./sources/fetch.js";
import { createAskHost } from "./system/ask-host.js";
import { createAskNodeFacts } from "./system/ask-node-facts.js";
import type { Cgroups } from "./system/cgroups.js";
import type { Errands } from "./system/errands.js";
import { createGitClient } from "./system/git-client.js";
import { createHostReach } from "./system/host-reach.js";
import type { JobRecordFiles } from "./system/job-records.js";
import { createJobWorkspace } from "./system/job-workspace.js";
import { JOB_LAUNCH_SOCKET } from "./system/launch-socket.js";
import { ARCHITECTURE, readCores } from "./system/node-facts.js";
import { createNodeKit } from "./system/node-kit.js";
import type { PeerClient } from "./system/peer-client.js";
import { createPreflightFacts } from "./system/preflight-facts.js";
import { createSharedToken } from "./system/shared-token.js";
import { createSourceFolder } from "./system/source-folder.js";
import { systemClock as clock } from "./time/clock.js";

/** Where the image has what a job starts. */
const PROGRAMS = {
  python: "/usr/bin/python3",
  launcher: "/usr/lib/muster/launch",
  launchSocket: JOB_LAUNCH_SOCKET,
} as const;

/** What looks at and unpacks sources, and whom https trusts. */
const SOURCE_PROGRAM = ["/usr/bin/python3", "-I", "/usr/lib/muster/source.py"] as const;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** The preflight as a head runs it, and what this node answers one. */
export function openPreflight({
  errands,
  cgroups,
  peers,
  identity,
  log,
}: Pick<RunnerParts, "errands" | "peers" | "identity" | "log"> & { readonly cgroups: Cgroups }) {
  const kit = createNodeKit();
  const shared = createSharedToken(errands, SHARED_ROOT);
  const facts = createPreflightFacts({
    ...{ instanceId: identity.instanceId, agentVersion: AGENT_VERSION },
    ...{ kit, cores: readCores, readShared: shared.read, cgroups },
  });
  const { address } = identity;
  const askOther = createAskNodeFacts(peers);
  return {
    facts,
    preflight: createPreflight({
      ...{ address, kit, shared, clock },
      // What this node is asked it answers without a connection to itself.
      ask: (of, question, timeoutMs) =>
        of === address ? facts(question.nonce) : askOther(of, question, timeoutMs),
      random: () => randomBytes(16).toString("hex"),
      onLeftBehind: (error) =>
        log.warn({ reason: reasonOf(error) }, "a preflight's file on /shared could not be removed"),
    }),
  };
}

interface RunnerParts {
  readonly config: ResolvedConfig;
  readonly identity: NodeIdentity;
  readonly registry: JobRegistry;
  readonly records: JobRecordFiles;
  readonly processes: JobProcesses;
  readonly peers: PeerClient;
  readonly errands: Errands;
  readonly environments: JobEnvironments;
  readonly ranks: RankView;
  readonly preflight: Preflight;
  readonly bucket: LogBucket;
  readonly s3: S3Client;
  readonly log: Logger;
}

/** The runner of this node's jobs while it is head. */
export function createRunner(head: HeadView, parts: RunnerParts): JobRunner {
  const { config, identity, registry, records, processes, peers, bucket } = parts;
  const { errands, environments, ranks, preflight, log } = parts;
  const { clusterUuid } = config;
  return createJobRunner({
    ...{ head, registry, environments, ranks, clock, log, records, processes },
    self: { instanceId: identity.instanceId, address: identity.address },
    ask: createAskHost(peers),
    workspace: createJobWorkspace(errands, log),
    sources: createSources(parts),
    preflight,
    reach: createHostReach(peers),
    delivery: createLogDelivery({ clusterUuid, outputs: records.outputs, bucket, clock }),
    settings: {
      ...{ user: JOB_USER, address: identity.address, runtime: config.runtime, ...PROGRAMS },
      runtimes: runtimesFor(ARCHITECTURE, config.efa === true),
      roleVariables: clusterVariables(config, identity.region),
    },
  });
}

function createSources({ config, identity, errands, s3: client }: RunnerParts): JobSources {
  const { org, logBucket } = config;
  const { region } = identity;
  return createJobSources({
    git: createGitClient(errands, { program: SOURCE_PROGRAM, certificates: CERTIFICATES }),
    files: createSourceFolder(errands, SOURCE_PROGRAM),
    objects: createSourceObjects({ client, region, logBucket }),
    credentials: createCredentialStore(org, region),
    limits: {
      bytes: SOURCE_LIMITS.bytes,
      files: SOURCE_LIMITS.files,
      timeoutMs: SOURCE_LIMITS.fetchTimeoutSeconds * 1_000,
    },
  });
}
