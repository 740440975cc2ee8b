import type { Command } from "commander";
import { resumeCluster } from "../../../agent/contract/park.js";
import { awaitReady } from "../clusters/await-ready.js";
import { findCluster, refuseClosed } from "../core/clusters.js";
import { EXIT, refusal } from "../core/exit.js";
import { clusterCommand, onCluster, type Session, type WaitOptions, withWait } from "./context.js";
import { waitFor } from "./waiting.js";

/** `muster cluster resume` */
export function addClusterResume(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "resume", {
    summary: "gives a parked cluster its nodes back, and waits until they are ready",
    more: "A cluster that has nodes is left as it is. A submitted job resumes a parked cluster too, unless its resumeOnJob is false.",
    example: "muster cluster resume --cluster alpha --timeout 20m",
  });
  withWait(command, "until the nodes are ready", true);
  onCluster<WaitOptions>(command, session, async (context, options) => {
    const { access, out, place, world, flags } = context;
    const cluster = await findCluster(access, place);
    refuseClosed(cluster);
    const { uuid, name } = cluster;
    const by = (await access.account.caller()) ?? "muster cluster resume";
    const outcome = await resumeCluster(access.parking(uuid), by, () => world.now());
    switch (outcome.is) {
      case "closed":
        throw refusal(`Cluster ${name} (${uuid}) is being removed.`);
      case "no-fleet":
        throw refusal(
          `Cluster ${name} (${uuid}) has no fleet: nothing says how many nodes it is to have. Apply its muster_fleet (cdktf deploy).`,
        );
      case "held":
        throw refusal(
          `Cluster ${name} (${uuid}) is not resumed (${outcome.why.reasonCode}): ${outcome.why.reason}.`,
        );
      case "awake":
        out.say(`cluster ${name} is not parked`);
        break;
      default:
        out.say(`cluster ${name} gets ${outcome.nodes} nodes`);
    }
    const see = `see how far it is with \`muster cluster show${flags}\``;
    const last = options.wait
      ? await waitFor(context, `the cluster gets its nodes all the same; ${see}`, (own) =>
          awaitReady(uuid, own),
        )
      : await access.clusters.read(uuid);
    if (!options.wait) out.say(see);
    await out.document(last);
    return EXIT.done;
  });
}
