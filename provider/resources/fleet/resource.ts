import { hostfilePath } from "../../../agent/contract/names.js";
import { failure } from "../../core/diagnostic.js";
import { isUuid } from "../checks.js";
import { boundToPlace } from "../place.js";
import { musterResource } from "../resource.js";
import { applyDrain } from "./drain.js";
import { settledNodes } from "./progress.js";
import { applyResize, observeGroup } from "./resize.js";
import { fleetSchema } from "./schema.js";
import { computedFrom, fleetId, timeoutMs } from "./state.js";

/** `muster_fleet`. A create that was cut short leaves a tainted fleet; deleting that scales the group down. */
export const fleetResource = boundToPlace(
  musterResource({
    schema: fleetSchema,

    async create(plan, context) {
      const { cluster_uuid: clusterUuid, autoscaling_group: groupName, nodes } = plan;
      const group = await observeGroup(context.client, groupName);
      context.saved({ id: fleetId(clusterUuid, groupName), hostfile: hostfilePath(clusterUuid) });
      const item = await applyResize(
        { clusterUuid, group, nodes, timeoutMs: timeoutMs(plan, "create") },
        context,
      );
      return computedFrom(item, groupName);
    },

    async read(state, { client }) {
      const [item, group] = await Promise.all([
        client.registry.readCluster(state.cluster_uuid),
        client.groups.describe(state.autoscaling_group),
      ]);
      if (item === null || group === null) return null;
      const nodes = settledNodes(item, state.nodes);
      // Nodes come and go; what Terraform knows of them is of its last apply. Only an import has nothing yet.
      return state.ready_nodes === null ? { ...computedFrom(item, group.name), nodes } : { nodes };
    },

    async update(plan, prior, context) {
      const { cluster_uuid: clusterUuid, autoscaling_group: groupName, nodes } = plan;
      if (nodes === prior.nodes) {
        const { id, hostfile, ready_nodes, cores, addresses } = prior;
        return { id, hostfile, ready_nodes, cores, addresses };
      }
      const group = await observeGroup(context.client, groupName);
      const item = await applyResize(
        { clusterUuid, group, nodes, timeoutMs: timeoutMs(plan, "update") },
        context,
      );
      return computedFrom(item, groupName);
    },

    async delete(state, context) {
      await applyDrain(
        {
          clusterUuid: state.cluster_uuid,
          groupName: state.autoscaling_group,
          timeoutMs: timeoutMs(state, "delete"),
        },
        context,
      );
    },

    import(id) {
      const [clusterUuid = "", ...rest] = id.split("/");
      const groupName = rest.join("/");
      if (isUuid(clusterUuid) !== null || groupName === "") {
        throw failure(
          "Invalid import id",
          `"${id}" can't be imported: it must be <cluster UUID>/<Auto Scaling group's name>.`,
        );
      }
      return { id, cluster_uuid: clusterUuid, autoscaling_group: groupName };
    },
  }),
);
