import { type Static, type TObject, type TSchema, Type } from "@sinclair/typebox";
import { RUNTIMES, type Runtime } from "../../agent/contract/job-request.js";
import { ROLE_ARN_PATTERN } from "../../agent/contract/job-role.js";
import { AccessSettings } from "./access.js";
import { AccountSettings } from "./account.js";
import { BakedImageSettings } from "./baked-image.js";
import { BudgetSettings } from "./budget.js";
import { existingNetwork } from "./existing-network.js";
import { closed, Name, Region, TagSettings, WaitMinutes } from "./fields.js";
import { fleetOptions, INSTANCE_TYPE_PATTERN } from "./fleet-options.js";
import { ImageChoice } from "./image.js";
import { JobDefinitionSettings } from "./job-definition.js";
import { logOptions } from "./log-options.js";
import { MAX_NOTEBOOKS, NotebookSettings } from "./notebook.js";
import { PreflightSettings } from "./preflight.js";
import { sourceAccess } from "./source-access.js";

/**
 * What muster.yaml may say. One value gives the TypeScript type (after defaults), the run-time check and the published
 * JSON Schema (stacks/muster.schema.json). A property with a default is required here, because defaults are filled in
 * before the check; publishedSchema() makes it optional for the person who writes the file.
 *
 * Each description of a string says what is allowed: errors print it.
 */
const Network = Type.Object(
  {
    cidr: Type.String({
      default: "10.20.0.0/16",
      description: "the VPC's private IPv4 range, /16 to /24; each zone's nodes get a quarter of it",
      examples: ["10.20.0.0/16", "192.168.4.0/22"],
    }),
    ...existingNetwork,
    zones: Type.Optional(
      Type.Array(
        Type.String({ description: "an availability zone of the region", examples: ["us-east-1a"] }),
        {
          minItems: 2,
          maxItems: 2,
          description: "two different availability zones; default: the first two of the region",
          examples: [["us-east-1a", "us-east-1b"]],
        },
      ),
    ),
  },
  { default: {}, description: "the org's network, shared by its clusters", ...closed },
);

const LogSettings = Type.Object(
  {
    keep: Type.Boolean({
      default: false,
      description:
        "true: destroy fails while the log bucket is not empty; false: logs are deleted with the org",
    }),
    ...logOptions,
  },
  { default: {}, description: "job logs in S3", ...closed },
);

const Org = Type.Object(
  {
    name: Name("the org's name, part of the names of all shared resources", ["demo"]),
    region: Region("an AWS region"),
    network: Network,
    logs: LogSettings,
    tags: TagSettings,
  },
  { description: "the resources that clusters share: network, file system, registry, logs, key", ...closed },
);

const StateBackend = Type.Object(
  {
    type: Type.Unsafe<"local" | "s3">(
      Type.String({
        enum: ["local", "s3"],
        default: "local",
        description: "local: files; s3: an existing bucket, with locking",
      }),
    ),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description: "local only: a folder, relative to muster.yaml; default muster-state",
        examples: ["muster-state"],
      }),
    ),
    bucket: Type.Optional(
      Type.String({
        pattern: "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description: "required for s3, not allowed for local: the name of an existing bucket",
        examples: ["acme-terraform-state"],
      }),
    ),
    region: Type.Optional(Region("s3 only: the bucket's AWS region; default: the org's")),
    prefix: Type.Optional(
      Type.String({
        pattern: "^[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*$",
        description: "s3 only: a key prefix without a slash at either end; default muster",
        examples: ["muster"],
      }),
    ),
  },
  { default: {}, description: "where Terraform keeps its state", ...closed },
);

const Image = ImageChoice({
  default: { family: "mpi" },
  description: "what the nodes boot: either family or id",
});

const TimeoutMinutes = Type.Object(
  {
    create: WaitMinutes("waiting for the first nodes", 30),
    update: WaitMinutes("waiting after a change of size", 30),
    delete: WaitMinutes("waiting for the nodes to drain and terminate", 20),
  },
  { default: {}, description: "how long deploy and destroy wait for this cluster's nodes", ...closed },
);

const Replacement = Type.Object(
  {
    afterMinutes: Type.Number({
      minimum: 0.2,
      maximum: 1440,
      default: 5,
      description: "minutes that a node may fail its probes, or be silent, before it is replaced",
    }),
    bootMinutes: Type.Number({
      minimum: 0.2,
      maximum: 1440,
      default: 15,
      description: "minutes that a node may take until it is ready for the first time",
    }),
    perHour: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        description:
          "failing nodes that are replaced within an hour at most, before the fleet is protected; 0: none is replaced; default: a quarter of the nodes, but at least 3",
      }),
    ),
  },
  {
    default: {},
    description: "when a failing node is replaced; nodes take a change of it when they are started next",
    ...closed,
  },
);

/** A cluster's settings, with every default filled in. */
const cluster = {
  name: Name("the cluster's name, unique in the org", ["alpha"]),
  nodes: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: "number of identical nodes",
    examples: [4],
  }),
  instanceType: Type.String({
    pattern: INSTANCE_TYPE_PATTERN,
    default: "c5.xlarge",
    description: "an EC2 instance type that can be in a cluster placement group (not burstable, flex or mac)",
    examples: ["c5.xlarge", "hpc7a.96xlarge"],
  }),
  image: Image,
  zone: Type.Unsafe<1 | 2>(
    Type.Integer({
      minimum: 1,
      maximum: 2,
      default: 1,
      description:
        "the org's zone for all nodes: 1 has the NAT gateway (no charge between zones); use 2 if 1 lacks capacity",
    }),
  ),
  efa: Type.Boolean({
    default: false,
    description:
      "Elastic Fabric Adapter on every node; for instance types that have one; jobs then run with Intel MPI",
  }),
  rootVolumeGiB: Type.Integer({
    minimum: 8,
    maximum: 16_384,
    default: 30,
    description: "size of each node's encrypted disk in GiB, at least the image's size",
  }),
  runtime: Type.Optional(
    Type.Unsafe<Runtime>(
      Type.String({
        enum: [...RUNTIMES],
        description:
          "the MPI library of jobs that name none: mpich, or intel; default: mpich, with efa intel; the image has both (arm64: mpich only)",
      }),
    ),
  ),
  ...fleetOptions,
  idleTimeoutMinutes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 525_600,
      description:
        "minutes without activity until the cluster parks: its nodes are given up until there is work again; default: never",
      examples: [60],
    }),
  ),
  countSshSessions: Type.Boolean({
    default: true,
    description: "whether a person who is logged in on a node keeps the cluster from parking",
  }),
  resumeOnJob: Type.Boolean({
    default: true,
    description:
      "true: a submitted job gives a parked cluster its nodes back; false: it is refused until muster cluster resume",
  }),
  shareWithNotebooks: Type.Boolean({
    default: false,
    description:
      "true: jobs of others run while a notebook is attached and awake; false: the cluster is then that notebook's, and other jobs wait",
  }),
  budget: Type.Optional(BudgetSettings),
  orgFolder: Type.Boolean({
    default: false,
    description:
      "true: nodes also mount the org's folder at /shared-org; all clusters that set this share it, and their jobs can change each other's files there; false: only the cluster's own /shared",
  }),
  jobRoleArn: Type.Optional(
    Type.String({
      pattern: ROLE_ARN_PATTERN,
      description:
        "the ARN of an existing IAM role whose credentials jobs get; its trust policy must allow the cluster's nodes to assume it; default: jobs have no AWS credentials",
      examples: ["arn:aws:iam::123456789012:role/research-jobs"],
    }),
  ),
  httpProbes: Type.Boolean({
    default: false,
    description:
      "true: nodes also answer /healthz and /readyz without TLS, at TCP port 298, for what can't check a certificate; open the port to it yourself",
  }),
  ...sourceAccess,
  access: AccessSettings,
  replacement: Replacement,
  timeoutMinutes: TimeoutMinutes,
  tags: TagSettings,
} as const;

/** A cluster alone, as code declares it. */
export const ClusterSettings = Type.Object(cluster, {
  description: "one MPI cluster: identical nodes in one placement group",
  ...closed,
});

/** One entry of `clusters`: a cluster and its job definitions. */
const ClusterEntry = Type.Object(
  {
    ...cluster,
    dedicated: Type.Boolean({
      default: false,
      description:
        "true: the cluster is made for the one job definition with run on_change: it parks when that job has ended, and `muster reap` removes it",
    }),
    jobDefinitions: Type.Array(JobDefinitionSettings, {
      default: [],
      maxItems: 100,
      description:
        "job definitions that Terraform keeps on the cluster: what it can be asked to run, by name",
    }),
    notebooks: Type.Array(NotebookSettings, {
      default: [],
      maxItems: MAX_NOTEBOOKS,
      description:
        "notebooks that are attached to the cluster, each JupyterLab on a node of its own; one that is written below another cluster moves there, with its home",
    }),
  },
  { description: ClusterSettings.description ?? "", ...closed },
);

/** The whole file, after defaults. */
export const MusterFile = Type.Object(
  {
    org: Org,
    account: Type.Optional(AccountSettings),
    state: StateBackend,
    preflight: PreflightSettings,
    images: Type.Array(BakedImageSettings, {
      default: [],
      maxItems: 20,
      description: "images that Muster bakes for nodes, one version of each family",
    }),
    clusters: Type.Array(ClusterEntry, { default: [], maxItems: 100, description: "the org's clusters" }),
  },
  {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "muster.yaml",
    description:
      "an org and its MPI clusters; top-level keys that start with x- are free for your own use, e.g. for anchors",
    patternProperties: { "^x-": {} },
    ...closed,
  },
);
export type MusterFile = Static<typeof MusterFile>;
export type ClusterSettings = Static<typeof ClusterSettings>;
/** `org`, with every default filled in. */
export type OrgSettings = MusterFile["org"];

/** The JSON Schema for editors: as MusterFile, but a property with a default is optional. Pure. */
export function publishedSchema(schema: TSchema = MusterFile): unknown {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    const node: Partial<TObject> = Object(value);
    const { required, properties } = node;
    if (required === undefined || properties === undefined) return value;
    const stillRequired = required.filter((name) => !("default" in (properties[name] ?? {})));
    return { ...node, required: stillRequired };
  });
}
