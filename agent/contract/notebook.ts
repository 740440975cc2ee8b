import { type Static, Type } from "@sinclair/typebox";
import { Code, enumOf, Nullable, Time } from "./item-fields.js";
import { NAME_PATTERN } from "./names.js";
import {
  NOTEBOOK_PHASES,
  NOTEBOOK_STATUSES,
  type NotebookPhase,
  type NotebookStatus,
} from "./notebook-state.js";
import type { NotebookReasonCode } from "./reasons.js";

/** The TCP port, for HTTPS, where the agent of a notebook's node passes requests on to JupyterLab. Only such a node listens there. */
export const NOTEBOOK_PORT = 8471;
/** The path that everything of JupyterLab is below, at that port and in the browser. */
export const NOTEBOOK_BASE_PATH = "/notebook/";
/** Where a notebook's home is mounted, on its own node and on those of the cluster that it is attached to. */
export const NOTEBOOK_HOMES_ROOT = "/homes";
export const notebookHome = (name: string): string => `${NOTEBOOK_HOMES_ROOT}/${name}`;
/** Where the home is on the org's file system. It outlives the node, and goes from cluster to cluster with the notebook. */
export const notebookFolderPath = (name: string): string => `/notebooks/${name}`;
/** Where a notebook's programs reach their agent: a socket that only its own user may open. It takes no token. */
export const NOTEBOOK_SOCKET = "/run/muster-notebook/agent.sock";
/** The environment variable that has the socket's path, in everything that JupyterLab starts. */
export const NOTEBOOK_SOCKET_VARIABLE = "MUSTER_NOTEBOOK_SOCKET";
/** The id of the Terraform stack that a notebook of muster.yaml is in: the same, whichever cluster it is attached to. */
export const notebookStackName = (org: string, notebook: string): string =>
  `muster_${org}_notebook_${notebook}`;
/** Who submitted a job from a notebook, as the job's submittedBy. */
export const notebookSubmitter = (name: string): string => `notebook:${name}`;

export const NOTEBOOK_MINUTES = { least: 1, most: 525_600 } as const;
/** How long a kernel may be idle until it is ended, and how long an MPI kernel may hold the cluster, unless it is said. */
export const NOTEBOOK_DEFAULTS = {
  idleTimeoutMinutes: 60,
  kernelIdleMinutes: 60,
  mpiKernelIdleMinutes: 30,
} as const;

const Minutes = (description: string) =>
  Type.Integer({ minimum: NOTEBOOK_MINUTES.least, maximum: NOTEBOOK_MINUTES.most, description });

/** agent.json's `notebook`: what the agent of a notebook's node needs to know. */
export const NotebookConfig = Type.Object(
  {
    name: Type.String({ pattern: NAME_PATTERN }),
    group: Type.String({
      minLength: 1,
      maxLength: 255,
      description: "the Auto Scaling group of its one node",
    }),
    homeAccessPointId: Type.String({ pattern: "^fsap-[0-9a-f]+$", description: "the notebook's home" }),
    idleTimeoutMinutes: Nullable(Minutes("its node parks after so long without activity; null: never")),
    kernelIdleMinutes: Minutes("a kernel that is idle for so long is ended"),
    mpiKernelIdleMinutes: Minutes("an MPI kernel that is idle for so long lets the cluster go"),
    memoryMiB: Type.Optional(
      Type.Integer({
        minimum: 256,
        description: "the most of JupyterLab and its kernels; default: four fifths of the node's",
      }),
    ),
  },
  { additionalProperties: false, description: "on nodes of kind notebook only" },
);
export type NotebookConfig = Static<typeof NotebookConfig>;

/** What a notebook's agent last saw people do. */
export const NotebookActivity = Type.Object({
  observedAt: Time,
  /** The idle time counts from here. */
  idleSince: Time,
  parksAt: Nullable(Type.String({ description: "null: something is active or unknown, or it never parks" })),
  kernels: Nullable(Type.Integer({ description: "open ones; null: JupyterLab does not say" })),
  busyKernels: Nullable(Type.Integer()),
  terminals: Nullable(Type.Integer()),
  /** When an MPI kernel that is idle lets the cluster go; null: there is none, or it works. */
  mpiReleaseAt: Nullable(Time),
});
export type NotebookActivity = Static<typeof NotebookActivity>;

/** An interval in which a notebook's node was used, and that has ended: from `from`, before `to`, both in one month of UTC. */
const NotebookInterval = Type.Object({
  clusterUuid: Type.String({ description: "of the cluster that the notebook was attached to" }),
  instanceType: Type.String(),
  from: Time,
  to: Time,
});
export type NotebookInterval = Static<typeof NotebookInterval>;

/** `NOTEBOOK#<name>` in the partition of the cluster that it is attached to. */
export const NotebookItem = Type.Object({
  name: Type.String(),
  org: Type.String(),
  clusterUuid: Type.String(),
  owner: Type.String({ description: "random: the muster_notebook that has it may change it" }),
  group: Type.String({ description: "the name of its node's Auto Scaling group" }),
  createdAt: Time,
  attachedAt: Time,
  status: enumOf<NotebookStatus>(NOTEBOOK_STATUSES),
  phase: enumOf<NotebookPhase>(NOTEBOOK_PHASES),
  reasonCode: Code<NotebookReasonCode>(),
  reason: Nullable(Type.String({ description: "why it is FAILED or not ready" })),
  statusChangedAt: Time,
  /** What another start has given up: it says nothing more of the notebook. */
  retiring: Nullable(Type.String({ description: "an EC2 instance id" })),
  usageToRecord: Type.Optional(
    Type.Array(NotebookInterval, { description: "ended, and perhaps without a record yet" }),
  ),
  // --- written by the agent of its node
  failingProbes: Type.Array(Type.String()),
  instanceId: Nullable(Type.String()),
  instanceType: Nullable(Type.String()),
  address: Nullable(Type.String({ description: "private IPv4" })),
  publicAddress: Nullable(Type.String()),
  activity: Type.Optional(NotebookActivity),
  observedAt: Nullable(Time),
});
export type NotebookItem = Static<typeof NotebookItem>;

/** `NOTEBOOK#<name>` of the org: which cluster the notebook with that name is attached to. */
export const NotebookNameItem = Type.Object({
  clusterUuid: Type.String(),
  owner: Type.String(),
  since: Time,
});
export type NotebookNameItem = Static<typeof NotebookNameItem>;
