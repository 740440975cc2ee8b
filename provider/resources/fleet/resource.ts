import { hostfilePath } from "../../../agent/contract/names.js";
import { isClusterUuid } from "../../client/checks.js";
import { observeCluster } from "../../client/observed-cluster.js";
import { boundToPlace } from "../../client/place.js";
import { failure } from "../../core/diagnostic.js";
import { UNKNOWN } from "../../core/value.js";
import { foreseenOwner, markImported, plannedOver, standing } from "../ownership.js";
import { musterResource } from "../resource.js";
import { claimAgain, claimNew, foreignFleet } from "./claim.js";
import { applyDrain } from "./drain.js";
import { applyEmptying, forgetRemoval, isRemoval, noteRemoval } from "./empty-files.js";
import { applyResize, applyTaking, observeGroup } from "./resize.js";
import { fleetSchema } from "./schema.js";
import { computedFleet, fleetId, observedFleet, timeoutMs } from "./state.js";

/** `muster_fleet`. An interrupted create leaves a tainted fleet; deleting that scales the group down. */
export const fleetResource = boundToPlace(
  musterResource({
    schema: fleetSchema,

    // An update finds out what a read can't know: who owns it, and whether the last resize finished.
    plan: (_given, { prior }) => ({
      ...foreseenOwner(prior),
      ...(prior !== null && prior.ready_nodes === null
        ? { ready_nodes: UNKNOWN, cores: UNKNOWN, addresses: UNKNOWN }
        : {}),
    }),

    async planCreate({ cluster_uuid: clusterUuid, autoscaling_group: groupName }, { client }) {
      // A known UUID belongs to an existing cluster.
      if (clusterUuid === UNKNOWN || groupName === UNKNOWN) return [];
      const item = await client.registry.readCluster(clusterUuid);
      const id = fleetId(clusterUuid, item?.fleet?.group ?? groupName);
      return item?.fleet === undefined ? [] : [plannedOver(`Fleet ${id}`, id)];
    },

    async create(plan, context) {
      const { cluster_uuid: clusterUuid, autoscaling_group: groupName, nodes } = plan;
      const group = await observeGroup(context.client, groupName);
      const claim = await claimNew({ clusterUuid, group, nodes }, context.client, context.clock.now());
      const { owner } = claim.to;
      context.saved({ id: fleetId(clusterUuid, groupName), owner, hostfile: hostfilePath(clusterUuid) });
      const item = await applyResize(
        { clusterUuid, group, nodes, claim, timeoutMs: timeoutMs(plan, "create") },
        context,
      );
      return computedFleet(item, groupName);
    },

    async read(state, { client, privateState, warn }) {
      forgetRemoval(privateState);
      const { cluster_uuid: clusterUuid, autoscaling_group: groupName } = state;
      const [item, group] = await Promise.all([
        observeCluster(client, clusterUuid),
        client.groups.describe(groupName),
      ]);
      const isImport = (state.nodes as number | null) === null;
      if (isImport && group === null) return null;
      const isTheirs = standing(item?.fleet?.owner, state, privateState) === "foreign";
      // The registry does not have this setting: after an import, it has its default.
      const setting = { empty_shared_on_destroy: state.empty_shared_on_destroy ?? false };
      if (item !== null && !isTheirs) return { ...observedFleet(item, group, state), ...setting };
      if (item?.fleet?.group === groupName) {
        warn(foreignFleet({ clusterUuid, groupName }));
        return null;
      }
      // The cluster is gone, or has another group now. Remaining instances are destroyed with the fleet.
      const hasNodes = group !== null && (group.desired > 0 || group.instances.length > 0);
      return hasNodes && !isImport ? { ready_nodes: null } : null;
    },

    async update(plan, prior, context) {
      const { cluster_uuid: clusterUuid, autoscaling_group: groupName, nodes } = plan;
      const claim = await claimAgain({ clusterUuid, groupName, nodes, owner: prior.owner }, context);
      if (nodes === prior.nodes && prior.ready_nodes !== null) {
        await applyTaking(clusterUuid, claim, context);
        const { id, hostfile, ready_nodes, cores, addresses } = prior;
        return { id, owner: claim.to.owner, hostfile, ready_nodes, cores, addresses };
      }
      const group = await observeGroup(context.client, groupName);
      const item = await applyResize(
        { clusterUuid, group, nodes, claim, timeoutMs: timeoutMs(plan, "update") },
        context,
      );
      return computedFleet(item, groupName);
    },

    async planDelete(_state, { privateState }) {
      noteRemoval(privateState);
      return [];
    },

    async delete(state, context) {
      await applyEmptying(state, context);
      await applyDrain(
        {
          clusterUuid: state.cluster_uuid,
          groupName: state.autoscaling_group,
          owner: state.owner,
          timeoutMs: timeoutMs(state, "delete"),
          isReplaced: !isRemoval(context.privateState),
        },
        context,
      );
    },

    import(id, privateState) {
      const [clusterUuid = "", ...rest] = id.split("/");
      const groupName = rest.join("/");
      if (isClusterUuid(clusterUuid) !== null || groupName === "") {
        throw failure(
          "import-id-invalid",
          "Invalid import id",
          `"${id}" can't be imported: it must be <cluster UUID>/<Auto Scaling group's name>.`,
        );
      }
      markImported(privateState);
      return { id, cluster_uuid: clusterUuid, autoscaling_group: groupName };
    },
  }),
);
