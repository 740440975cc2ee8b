import { NAME_PATTERN } from "../../../agent/contract/names.js";
import { isClusterUuid, matches, NAME_MEANING } from "../../client/checks.js";
import { isDuration } from "../../core/duration-check.js";
import { computed, object, optional, required, string } from "../../core/schema.js";
import type { Schema } from "../../core/types.js";

const timeout = (what: string, otherwise: string) =>
  optional(string, {
    description: `How long ${what} may take, like "20m". Default ${otherwise}.`,
    checks: [isDuration],
  });

export const DEFAULT_TIMEOUTS = { create: "20m", update: "20m", delete: "20m" } as const;
const NODE = ["cluster_uuid", "node_version"] as const;

/** `muster_notebook`: a person's notebook on a node of its own. It owns the size of an Auto Scaling group that is declared elsewhere. */
export const notebookSchema = {
  version: 0,
  description:
    "A notebook: JupyterLab on a node of its own, attached to a cluster. It sets the size of the notebook's Auto Scaling group to 1, and waits until every readiness probe passes. Another cluster is an update in place: the notebook keeps its name and its home, and gets another node. Parking, by command or by itself, does not show in the plan.",
  attributes: {
    name: required(string, {
      description: "The notebook's name, unique in the org. A change replaces the notebook.",
      replaces: true,
      checks: [matches(NAME_PATTERN, NAME_MEANING)],
    }),
    cluster_uuid: required(string, {
      description:
        "The UUID of the cluster that it is attached to. A change moves it: its node is ended, and another one starts at the other cluster.",
      checks: [isClusterUuid],
    }),
    autoscaling_group: required(string, {
      description:
        "The name of the Auto Scaling group that starts its node. Declare the group with ignore_changes for desired_capacity and max_size, because the notebook sets both. A change replaces the notebook.",
      replaces: true,
      checks: [matches(/^[\x20-\x7e]{1,255}$/, "an Auto Scaling group's name of 1-255 characters")],
    }),
    node_version: required(string, {
      description:
        "The id and the version of the group's launch template, as `id/version`. A change renews the node: it is ended, and the group starts another one. Null after an unfinished apply, until the next apply continues it.",
      checks: [
        matches(/^lt-[0-9a-f]+\/\d+$/, "a launch template's id and version, like lt-0123456789abcdef0/3"),
      ],
    }),
    id: computed(string, { description: "The same as name.", changesWith: [] }),
    owner: computed(string, {
      description:
        "A random token that marks the notebook in the registry as this resource's. Null after an import, until the next apply takes it over.",
      changesWith: [],
    }),
    address: computed(string, {
      description:
        "The private address of its node, when last refreshed. For a parked notebook, the address before it was parked.",
      changesWith: NODE,
    }),
    instance_id: computed(string, {
      description: "Its node's EC2 instance, when last refreshed; for a parked notebook, the last one.",
      changesWith: NODE,
    }),
  },
  blocks: {
    timeouts: object({
      create: timeout("creating", DEFAULT_TIMEOUTS.create),
      update: timeout("moving, or renewing the node,", DEFAULT_TIMEOUTS.update),
      delete: timeout("terminating the node", DEFAULT_TIMEOUTS.delete),
    }),
  },
} as const satisfies Schema;
