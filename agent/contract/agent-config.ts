import { type Static, Type } from "@sinclair/typebox";
import { enumOf } from "./item-fields.js";
import { DEFAULT_RUNTIME, RUNTIMES, type Runtime } from "./job-request.js";
import { ROLE_ARN_PATTERN } from "./job-role.js";
import { NAME_PATTERN } from "./names.js";
import { NODE_KINDS, type NodeKind } from "./node-kind.js";
import { NotebookConfig } from "./notebook.js";
import { SSH_KEY_LIMITS } from "./ssh-access.js";

/** Where user data puts the agent's configuration. */
export const AGENT_CONFIG_PATH = "/etc/muster/agent.json";

const AccessPointId = (description: string) => Type.String({ pattern: "^fsap-[0-9a-f]+$", description });

/** `/etc/muster/agent.json`: what a node can't learn from its metadata. Holds no secret. */
export const AgentConfig = Type.Object(
  {
    org: Type.String({ pattern: NAME_PATTERN }),
    clusterUuid: Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" }),
    clusterName: Type.String({ pattern: NAME_PATTERN }),
    kind: Type.Optional(
      Type.Unsafe<NodeKind>(
        Type.String({ enum: [...NODE_KINDS], description: "what the node is for; default worker" }),
      ),
    ),
    runtime: Type.Optional(
      enumOf<Runtime>(RUNTIMES, `the MPI of jobs that name none; default ${DEFAULT_RUNTIME}`),
    ),
    fileSystemId: Type.String({ pattern: "^fs-[0-9a-f]+$" }),
    accessPointId: AccessPointId("the cluster's folder for its users, which nodes mount at /shared"),
    agentsAccessPointId: AccessPointId(
      "the folder that only the cluster's agents use: no job user reaches it",
    ),
    orgAccessPointId: Type.Optional(
      AccessPointId(
        "the org's folder, which nodes mount at /shared-org; absent if the cluster does not use it",
      ),
    ),
    logBucket: Type.String({ minLength: 3, maxLength: 63 }),
    jobRoleArn: Type.Optional(
      Type.String({
        pattern: ROLE_ARN_PATTERN,
        description: "the IAM role whose credentials jobs get; absent if the cluster has none",
      }),
    ),
    notebook: Type.Optional(NotebookConfig),
    httpProbes: Type.Optional(
      Type.Boolean({ description: "also answer /healthz and /readyz without TLS; default false" }),
    ),
    replacement: Type.Optional(
      Type.Object(
        {
          afterSeconds: Type.Number({
            minimum: 10,
            description: "a node may be unready or silent for so long",
          }),
          bootSeconds: Type.Number({ minimum: 10, description: "and a new one for so long" }),
          perHour: Type.Optional(Type.Integer({ minimum: 0, description: "failing nodes at most; 0: none" })),
        },
        { additionalProperties: false, description: "when a failing node is replaced; absent: the defaults" },
      ),
    ),
    sshKeys: Type.Optional(
      Type.Array(Type.String({ maxLength: SSH_KEY_LIMITS.characters, pattern: "^[^\\r\\n]+$" }), {
        maxItems: SSH_KEY_LIMITS.keys,
        description: "public keys of those who may log in as the user muster; absent: no person may",
      }),
    ),
    efa: Type.Optional(
      Type.Boolean({ description: "whether every node has an Elastic Fabric Adapter, which MPI must use" }),
    ),
    bootScript: Type.Optional(
      Type.Object(
        { timeoutMinutes: Type.Integer({ minimum: 1, maximum: 60 }) },
        { additionalProperties: false, description: "absent: user data has run none" },
      ),
    ),
    proxy: Type.Optional(
      Type.Object(
        {
          http: Type.Optional(Type.String({ maxLength: 300 })),
          https: Type.Optional(Type.String({ maxLength: 300 })),
          noProxy: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 100 }),
          jobs: Type.Boolean({ description: "whether jobs get it too" }),
        },
        { additionalProperties: false, description: "what the outside is reached through" },
      ),
    ),
    leaseTtlSeconds: Type.Optional(Type.Integer({ minimum: 3, maximum: 300, description: "default 15" })),
  },
  { additionalProperties: false },
);
export type AgentConfig = Static<typeof AgentConfig>;
