import type { Command } from "commander";
import { addAccess, readPublicKey } from "../core/declared-access.js";
import { EXIT, refusal, unusable } from "../core/exit.js";
import { ADDRESS_SERVICE, myRange } from "../core/my-address.js";
import { isUuid } from "../core/place.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

interface Options {
  readonly addMyIp?: boolean;
  readonly addKey?: string;
  readonly service: string;
}

/** `muster cluster access` */
export function addClusterAccess(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "access", {
    summary: "adds your address or your public key to a cluster's access in muster.yaml",
    more: "It changes muster.yaml and nothing else: deploy the cluster afterwards. Comments stay.",
    example: "muster cluster access --cluster alpha --add-my-ip --add-key ~/.ssh/id_ed25519.pub",
  })
    .option("--add-my-ip", "ssh may come from the public address of this machine")
    .option("--add-key <file>", "a public key (.pub) that may log in")
    .option("--service <url>", "what says this machine's address", ADDRESS_SERVICE);
  onCluster<Options>(command, session, async ({ world, place, out, signal }, options) => {
    const { addMyIp = false, addKey, service } = options;
    if (!addMyIp && addKey === undefined)
      throw unusable(["nothing to add: give --add-my-ip, --add-key FILE, or both"]);
    if (isUuid(place.cluster))
      throw unusable(["--cluster: muster.yaml knows clusters by name: give the name"]);
    const path = world.env["MUSTER_CONFIG"] ?? "muster.yaml";
    const sshKeys =
      addKey === undefined ? [] : [readPublicKey(readText(addKey, "--add-key", world.readFile), addKey)];
    const before = readText(path, "MUSTER_CONFIG", world.readFile);
    const allowFrom = addMyIp ? [await myRange(world, service, signal)] : [];
    const after = addAccess(before, place.cluster, { allowFrom, sshKeys });
    if (after !== before) await changeFile(path, before, after);
    const added = [...allowFrom, ...sshKeys.map(() => `the key in ${addKey}`)].join(" and ");
    out.say(
      after === before
        ? `${path} has ${added} already; nothing was changed.`
        : `${path}: cluster ${place.cluster} has ${added} now. Deploy it: npx cdktf deploy muster_${place.org}_${place.cluster}`,
    );
    await out.document({ file: path, cluster: place.cluster, allowFrom, hasChanged: after !== before });
    return EXIT.done;

    /** Not over what somebody has saved meanwhile. */
    async function changeFile(file: string, seen: string, text: string): Promise<void> {
      if (readText(file, "MUSTER_CONFIG", world.readFile) !== seen)
        throw refusal(`${file} has changed meanwhile; nothing was written. Run the command again.`);
      await world.writeFile(file, text);
    }
  });
}

function readText(path: string, option: string, readFile: (path: string) => Uint8Array): string {
  try {
    return Buffer.from(readFile(path)).toString("utf8");
  } catch (error) {
    throw unusable([`${option}: ${path} can't be read (${(error as Error).message})`]);
  }
}
