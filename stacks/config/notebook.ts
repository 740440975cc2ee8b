import { type Static, Type } from "@sinclair/typebox";
import { NOTEBOOK_DEFAULTS, NOTEBOOK_MINUTES } from "../../agent/contract/notebook.js";
import { closed, Name, TagSettings, WaitMinutes } from "./fields.js";
import { INSTANCE_TYPE_PATTERN } from "./fleet-options.js";
import { ImageChoice } from "./image.js";

/**
 * Attached to one cluster at most. Each adds a policy to the role of the cluster's nodes, whose inline policies may have 10,240
 * characters together.
 */
export const MAX_NOTEBOOKS = 8;

const Minutes = (description: string, byDefault: number, minimum: number = NOTEBOOK_MINUTES.least) =>
  Type.Integer({ minimum, maximum: NOTEBOOK_MINUTES.most, default: byDefault, description });

const TimeoutMinutes = Type.Object(
  {
    create: WaitMinutes("waiting for the notebook to be ready", 20),
    update: WaitMinutes("waiting after a move, or for another node", 20),
    delete: WaitMinutes("waiting for its node to terminate", 20),
  },
  { default: {}, description: "how long deploy and destroy wait for the notebook's node", ...closed },
);

/** A notebook's settings, with every default filled in. */
export const NotebookSettings = Type.Object(
  {
    name: Name("the notebook's name, unique in the org", ["explore"]),
    instanceType: Type.String({
      pattern: INSTANCE_TYPE_PATTERN,
      default: "m6i.large",
      description:
        "an EC2 instance type for the notebook's own node, with the processors of the cluster's; burstable ones are fine",
      examples: ["m6i.xlarge", "t3.large"],
    }),
    image: Type.Optional(
      ImageChoice({ description: "what its node boots: either family or id; default: the cluster's" }),
    ),
    rootVolumeGiB: Type.Integer({
      minimum: 8,
      maximum: 16_384,
      default: 30,
      description:
        "size of its node's encrypted disk in GiB, at least the image's size; the home is on the file system",
    }),
    idleTimeoutMinutes: Minutes(
      "minutes without activity until its node is given up, until it is opened again; 0: never",
      NOTEBOOK_DEFAULTS.idleTimeoutMinutes,
      0,
    ),
    kernelIdleMinutes: Minutes(
      "minutes without activity until a kernel, or a terminal, is ended",
      NOTEBOOK_DEFAULTS.kernelIdleMinutes,
    ),
    mpiKernelIdleMinutes: Minutes(
      "minutes without a cell until an MPI kernel lets the cluster go",
      NOTEBOOK_DEFAULTS.mpiKernelIdleMinutes,
    ),
    timeoutMinutes: TimeoutMinutes,
    tags: TagSettings,
  },
  { description: "one notebook: JupyterLab on a node of its own, attached to the cluster", ...closed },
);
export type NotebookSettings = Static<typeof NotebookSettings>;
