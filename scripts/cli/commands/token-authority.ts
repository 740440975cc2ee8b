import type { Command } from "commander";
import { acceptedSecrets } from "../../../agent/contract/cluster-secret.js";
import { authorityCertificate, deriveAuthority } from "../../../agent/contract/tls/authority.js";
import { findCluster } from "../core/clusters.js";
import { EXIT } from "../core/exit.js";
import { clusterCommand, onCluster, type Session } from "./context.js";

/** `muster token ca` */
export function addTokenAuthority(parent: Command, session: Session): void {
  const command = clusterCommand(parent, "ca", {
    summary: "prints the certificate of the cluster's authority",
    more: [
      "Agents serve HTTPS with certificates of it, which curl checks with --cacert. It is derived from the cluster's secret, and is no",
      "secret itself. For an hour after `muster token rotate` there are two: both are printed.",
    ].join("\n"),
    example: "muster token ca --cluster alpha >alpha-ca.pem",
  });
  onCluster(command, session, async ({ access, out, place, world }) => {
    const { uuid } = await findCluster(access, place);
    const secrets = acceptedSecrets(await access.secrets.read(uuid), world.now());
    const certificates = secrets.map((secret) => authorityCertificate(deriveAuthority(secret, uuid)));
    await out.print(certificates.flatMap((pem) => pem.trimEnd().split("\n")));
    await out.document({ clusterUuid: uuid, certificates });
    return EXIT.done;
  });
}
