import type { Command } from "commander";
import { viewActivity } from "../../../agent/contract/activity-view.js";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { renderActivity } from "../render/activity.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster cluster activity` */
export function addClusterActivity(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "activity", {
    summary: "shows what keeps a cluster awake, and when it parks",
    more: "As its head last wrote it: at most a minute ago. GET /v1/activity of the head's agent is exact.",
    example: "muster cluster activity --cluster alpha",
  });
  onCluster(command, session, async ({ access, out, place, world }) => {
    const cluster = await findCluster(access, place);
    const view = viewActivity(cluster, world.now(), cluster.activity);
    await out.print(renderActivity(cluster, view));
    await out.document(view);
    return EXIT.done;
  });
}
