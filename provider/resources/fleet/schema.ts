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

/** EC2 Auto Scaling's limit for one group is far higher; a hostfile and one head are tested up to this. */
const MAX_NODES = 1000;
const timeout = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long ${what} may take, like "30m". Default ${otherwise}.`,
    checks: [isDuration],
  });

export const DEFAULT_TIMEOUTS = { create: "30m", update: "30m", delete: "20m" } as const;

/** `muster_fleet`: the identical nodes of one cluster. It owns the size of an Auto Scaling group that is declared elsewhere. */
export const fleetSchema = {
  version: 0,
  description:
    "A cluster's nodes. It sets the size of the cluster's Auto Scaling group and waits until every node is ready and in the hostfile. Parking outside of Terraform, or another size of the group, does not show in the plan; a resize by command does; a group that is empty for another reason is filled again. A cluster has one fleet.",
  attributes: {
    cluster_uuid: required(string, {
      description: "The cluster's UUID. A change replaces the fleet.",
      replaces: true,
      checks: [isClusterUuid],
    }),
    autoscaling_group: required(string, {
      description:
        "The name of the Auto Scaling group that starts the nodes. Declare the group with ignore_changes for desired_capacity and max_size, because the fleet sets both. A change replaces the fleet.",
      replaces: true,
      checks: [matches(/^[\x20-\x7e]{1,255}$/, "an Auto Scaling group's name of 1-255 characters")],
    }),
    nodes: required(integer, {
      description: `The number of nodes, 1 to ${MAX_NODES}. The fleet sets it as the group's desired and maximum size.`,
      checks: [between(1, MAX_NODES)],
    }),
    empty_shared_on_destroy: withDefault(bool, false, {
      description:
        "Whether destroying this fleet for good also deletes all files of the cluster: /shared, and its agents' own folder. The head node deletes them once no job runs and every log is in the bucket. Destroy waits up to two minutes for that, then continues with a warning. Set this for a fleet that is destroyed together with its cluster. A replacement deletes nothing. But removing the fleet from the configuration, or renaming it without a moved block, deletes the files. Two empty folders stay on the file system: /clusters/<UUID>/shared and /clusters/<UUID>/agents.",
    }),
    id: computed(string, { description: "cluster_uuid/autoscaling_group", changesWith: [] }),
    owner: computed(string, {
      description:
        "A random token that marks the cluster's nodes in the registry as this fleet's. Null after an import, until the next apply takes them over.",
      changesWith: [],
    }),
    hostfile: computed(string, { description: "The hostfile's path on every node.", changesWith: [] }),
    ready_nodes: computed(integer, {
      description:
        "Nodes in the hostfile, when last applied. Null after an unfinished apply, until the next apply continues it.",
      changesWith: ["nodes"],
    }),
    cores: computed(integer, {
      description: "Physical cores of the nodes in the hostfile, when last applied.",
      changesWith: ["nodes"],
    }),
    addresses: computed(list(string), {
      description:
        "Private addresses of the nodes in the hostfile, when last refreshed. For a parked cluster, the addresses before it was parked.",
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
