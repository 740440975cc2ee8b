import type { Command } from "commander";
import { isOverlap, ROTATION_OVERLAP_MS } from "../../../agent/contract/cluster-secret.js";
import { findCluster } from "../core/clusters.js";
import { EXIT, refusal } from "../core/exit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster token rotate` */
export function addTokenRotate(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "rotate", {
    summary: "replaces the cluster's secret, and with it all tokens and the authority",
    more: [
      "Nothing restarts, and no job notices. The agents learn of it within a minute or so. For an hour they take old and new tokens, and",
      "then the new ones alone: get new tokens, and the new authority (muster token ca), within that hour.",
    ].join("\n"),
    example: "muster token rotate --cluster alpha",
  }).option(
    "--again",
    "also within an hour of the last rotation: then the tokens of before that one count no more at once, and a node that learns late is cut off until it has",
  );
  onCluster<{ readonly again?: boolean }>(
    command,
    session,
    async ({ access, out, place, world, flags }, { again = false }) => {
      const { uuid, name } = await findCluster(access, place);
      const secret = await access.secrets.read(uuid);
      const until = (since: Date) => new Date(since.getTime() + ROTATION_OVERLAP_MS).toISOString();
      if (!again && isOverlap(secret, world.now())) {
        throw refusal(
          `Cluster ${name}'s secret was rotated at ${secret.since.toISOString()}, and tokens of before count until ${until(secret.since)}: rotate it after that, or cut them off now with --again.`,
        );
      }
      const version = await access.secrets.rotate(uuid);
      const oldUntil = until(world.now());
      out.say(
        `Cluster ${name} has a new secret (version ${version}). Tokens of before count until ${oldUntil}: get new ones by \`muster token${flags}\`, and the new authority by \`muster token ca${flags}\`.`,
      );
      await out.document({ clusterUuid: uuid, version, oldUntil });
      return EXIT.done;
    },
  );
}
