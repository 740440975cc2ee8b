import type { Command } from "commander";
import { KEEP_ALIVE_MINUTES } from "../../../agent/contract/activity.js";
import { keepAlive } from "../../../agent/contract/keep-alive.js";
import { findCluster, refuseClosed } from "../core/clusters.js";
import { EXIT, refusal } from "../core/exit.js";
import { clusterCommand, onCluster, type Session, secondsOption } from "./context.js";

const DEFAULT_MINUTES = 60;

/** `muster cluster keep-alive` */
export function addClusterKeepAlive(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "keep-alive", {
    summary: "keeps a cluster from parking for a while",
    more: "A longer time that was asked for before stays. When the time is over, the idle timeout begins.",
    example: "muster cluster keep-alive --cluster alpha --for 3h",
  }).addOption(
    secondsOption("--for <time>", "how long, rounded up to whole minutes, at most 24h; default: 1h", {
      most: KEEP_ALIVE_MINUTES.most * 60,
    }),
  );
  onCluster<{ readonly for?: number }>(command, session, async (context, { for: seconds }) => {
    const { access, out, place, world, flags } = context;
    const cluster = await findCluster(access, place);
    refuseClosed(cluster);
    const minutes = seconds === undefined ? DEFAULT_MINUTES : Math.ceil(seconds / 60);
    const kept = await keepAlive(cluster.uuid, access.parking(cluster.uuid), minutes, world.now());
    if (kept.is !== "kept")
      throw refusal(
        `Cluster ${cluster.name} is ${kept.is}: it has no nodes to keep awake. Resume it with \`muster cluster resume${flags}\`.`,
      );
    const keepAliveUntil = kept.until.toISOString();
    out.say(`cluster ${cluster.name} does not park before ${keepAliveUntil}`);
    await out.document({ keepAliveUntil });
    return EXIT.done;
  });
}
