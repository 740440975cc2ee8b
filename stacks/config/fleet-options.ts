import { type Static, Type } from "@sinclair/typebox";
import { closed } from "./fields.js";

/** EC2's form of a type's name. */
export const INSTANCE_TYPE_PATTERN = "^[a-z][a-z0-9-]*\\.[a-z0-9-]+$";
/** What fits into user data beside the agent's configuration: EC2 takes 16 KB of it. */
export const MAX_BOOT_SCRIPT_BYTES = 8_192;

const RootVolume = Type.Object(
  {
    type: Type.Unsafe<"gp3" | "io2">(
      Type.String({
        enum: ["gp3", "io2"],
        default: "gp3",
        description: "EBS's volume type: gp3, or io2 for more operations at a steady latency",
      }),
    ),
    iops: Type.Optional(
      Type.Integer({
        minimum: 100,
        maximum: 80_000,
        description:
          "operations a second; gp3: 3000 and more, 500 for each GiB at most; io2: needed, 1000 for each GiB at most; default: gp3's 3000",
      }),
    ),
    throughputMiBps: Type.Optional(
      Type.Integer({
        minimum: 125,
        maximum: 2_000,
        description: "gp3 only: MiB a second, at most a quarter of iops; default: gp3's 125",
      }),
    ),
  },
  { description: "how quick each node's disk is; rootVolumeGiB is its size", ...closed },
);

const BootScript = Type.Object(
  {
    file: Type.String({
      minLength: 1,
      description: "a script, relative to muster.yaml, that begins with #!; at most 8192 bytes; no secrets",
      examples: ["node-setup.sh"],
    }),
    timeoutMinutes: Type.Integer({
      minimum: 1,
      maximum: 60,
      default: 10,
      description: "minutes until the script is ended, which counts as a failure",
    }),
  },
  {
    description: "a script that each node runs once as root, at its first boot and before it joins",
    ...closed,
  },
);

const ProxyUrl = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: "^https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?$",
      description: `the address of the proxy for ${what}, without a path or a password`,
      examples: ["http://proxy.acme.internal:3128"],
    }),
  );

const ProxyServers = Type.Object(
  {
    http: ProxyUrl("http"),
    https: ProxyUrl("https"),
    noProxy: Type.Array(
      Type.String({
        pattern: "^[A-Za-z0-9.:*/-]{1,200}$",
        description: "a host, a domain with its dot (.acme.internal), or an address",
      }),
      {
        default: [],
        maxItems: 50,
        description:
          "what is reached directly, beside the metadata service, the cluster's nodes, the file system, S3 and DynamoDB",
        examples: [[".acme.internal"]],
      },
    ),
    jobs: Type.Boolean({
      default: false,
      description: "true: jobs get HTTP_PROXY, HTTPS_PROXY and NO_PROXY too",
    }),
  },
  { description: "the proxy that nodes reach the outside through", ...closed },
);

const Alarms = Type.Object(
  {
    afterMinutes: Type.Integer({
      minimum: 5,
      maximum: 120,
      default: 15,
      description: "minutes for which nodes may be missing, or the file system be at its limit",
    }),
    notify: Type.Array(
      Type.String({
        pattern: "^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$",
        description: "the ARN of an SNS topic",
      }),
      {
        default: [],
        maxItems: 5,
        uniqueItems: true,
        description: "SNS topics that hear of each alarm and of its end",
        examples: [["arn:aws:sns:us-east-1:123456789012:hpc-oncall"]],
      },
    ),
  },
  {
    description: "CloudWatch alarms: nodes missing, registry throttled, file system at its limit",
    ...closed,
  },
);

/** What Muster watches of a cluster. */
export const MonitoringSettings = Type.Object(
  {
    dashboard: Type.Boolean({ default: false, description: "true: a CloudWatch dashboard of the cluster" }),
    alarms: Type.Optional(Alarms),
  },
  { description: "CloudWatch's view of the cluster; default: none", ...closed },
);

/** What a cluster's fleet may have beside its size. Each is off where it is absent. */
export const fleetOptions = {
  instanceTypes: Type.Optional(
    Type.Array(
      Type.String({
        pattern: INSTANCE_TYPE_PATTERN,
        description: "an EC2 instance type that can be in a cluster placement group",
      }),
      {
        minItems: 1,
        maxItems: 10,
        uniqueItems: true,
        description:
          "instead of instanceType: several types, the preferred one first, for when one lacks capacity; all with the same cores and processors",
        examples: [["c5.xlarge", "c5d.xlarge"]],
      },
    ),
  ),
  zones: Type.Optional(
    Type.Array(
      Type.Unsafe<1 | 2>(Type.Integer({ minimum: 1, maximum: 2, description: "one of the org's zones" })),
      {
        minItems: 1,
        maxItems: 2,
        uniqueItems: true,
        description:
          "instead of zone: both zones, for when one lacks capacity; nodes are then in no placement group, and far from each other",
        examples: [[1, 2]],
      },
    ),
  ),
  spot: Type.Boolean({
    default: false,
    description: "true: Spot instances, which cost less and which EC2 may take back with two minutes' notice",
  }),
  spotMaxPriceUsd: Type.Optional(
    Type.Number({
      minimum: 0.001,
      maximum: 1_000,
      description:
        "for spot only: dollars that an instance may cost in an hour; default: the On-Demand price",
      examples: [0.08],
    }),
  ),
  capacityReservationId: Type.Optional(
    Type.String({
      pattern: "^cr-[0-9a-f]{8,17}$",
      description:
        "an On-Demand Capacity Reservation of the type and in the zone, whose instances the nodes are",
      examples: ["cr-0123456789abcdef0"],
    }),
  ),
  rootVolume: Type.Optional(RootVolume),
  bootScript: Type.Optional(BootScript),
  proxy: Type.Optional(ProxyServers),
  monitoring: Type.Optional(MonitoringSettings),
} as const;

export type ProxySettings = Static<typeof ProxyServers>;
export type MonitoringSettings = Static<typeof MonitoringSettings>;
/** `alarms`, with every default filled in. */
export type AlarmSettings = Static<typeof Alarms>;
