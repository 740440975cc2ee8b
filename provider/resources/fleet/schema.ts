import { between, isClusterUuid, matches } from "../../client/checks.js";
import { isDuration } from "../../core/duration-check.js";
import {
  bool,
  computed,
  integer,
  list,
  object,
  optional,
  required,
  string,
  withDefault,
} from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

/** EC2 Auto Scaling's own limit for one group is far above; this is what a hostfile and one head are tested for. */
const MAX_NODES = 1000;
const timeout = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long ${what} may take, like "30m". Default ${otherwise}.`,
    checks: [isDuration],
  });

export const DEFAULT_TIMEOUTS = { create: "30m", update: "30m", delete: "20m" } as const;

/** `muster_fleet`: the identical nodes of one cluster. It owns the size of an Auto Scaling group that others declare. */
export const fleetSchema = {
  version: 0,
  description:
    "A cluster's nodes: sets the size of its Auto Scaling group and waits until every node is ready and in the hostfile. Parking or resizing from outside makes no difference in the plan; a group that was emptied otherwise is filled again. A cluster has one fleet.",
  attributes: {
    cluster_uuid: required(string, {
      description: "The cluster's UUID. A change replaces the fleet.",
      replaces: true,
      checks: [isClusterUuid],
    }),
    autoscaling_group: required(string, {
      description:
        "The name of the Auto Scaling group that starts the nodes. Whoever declares it ignores changes of desired_capacity and max_size: both are the fleet's. A change replaces the fleet.",
      replaces: true,
      checks: [matches(/^[\x20-\x7e]{1,255}$/, "an Auto Scaling group's name of 1-255 characters")],
    }),
    nodes: required(integer, {
      description: `How many nodes, 1 to ${MAX_NODES}. It becomes the group's desired and its maximum size.`,
      checks: [between(1, MAX_NODES)],
    }),
    empty_shared_on_destroy: withDefault(bool, false, {
      description:
        "Whether destroying this fleet for good also deletes all files of the cluster: /shared, and its agents' own folder. The head node does it, once no job runs and every log is in the bucket; destroy waits up to two minutes for that, then goes on with a warning. For a fleet that goes with its cluster, as the last of it. A replacement deletes nothing, but a fleet that is taken out of the configuration, or is renamed without a moved block, does. Two empty folders stay on the file system: /clusters/<UUID>/shared and /clusters/<UUID>/agents.",
    }),
    id: computed(string, { description: "cluster_uuid/autoscaling_group", changesWith: [] }),
    owner: computed(string, {
      description:
        "Random: marks the cluster's nodes in the registry as this fleet's. Null after an import, until the next apply takes them over.",
      changesWith: [],
    }),
    hostfile: computed(string, { description: "The hostfile's path on every node.", changesWith: [] }),
    ready_nodes: computed(integer, {
      description:
        "Nodes in the hostfile, when last applied. Null while an apply that did not come to its end is to be taken up by the next one.",
      changesWith: ["nodes"],
    }),
    cores: computed(integer, {
      description: "Physical cores of those nodes, when last applied.",
      changesWith: ["nodes"],
    }),
    addresses: computed(list(string), {
      description:
        "Private addresses of the nodes in the hostfile, when last refreshed; those that it had while the cluster is parked.",
      changesWith: ["nodes"],
    }),
  },
  blocks: {
    timeouts: object({
      create: timeout("creating", DEFAULT_TIMEOUTS.create),
      update: timeout("resizing", DEFAULT_TIMEOUTS.update),
      delete: timeout("draining and terminating", DEFAULT_TIMEOUTS.delete),
    }),
  },
} as const satisfies Schema;
