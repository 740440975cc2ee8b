import type { OrgPlace } from "../../../agent/contract/names.js";
import { orgUse } from "../../../agent/contract/org-in-use.js";
import type { ClusterItem } from "../../../agent/contract/registry.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";

const ID = /^([a-z][a-z0-9-]*)\/([a-z0-9-]+)$/;

/** The id of a guard, and back: null if a text is not an id. */
export const guardId = ({ org, region }: OrgPlace): string => `${org}/${region}`;
export function placeFrom(id: string): OrgPlace | null {
  const [, org, region] = ID.exec(id) ?? [];
  return org === undefined || region === undefined ? null : { org, region };
}

/** Why the guard of `place` can't be destroyed while `clusters`, or `notebooks` by name, exist; null: it can. REMOVED clusters do not count. */
export function guardRefusal(
  place: OrgPlace,
  clusters: readonly Pick<ClusterItem, "name" | "uuid" | "clusterStatus">[],
  notebooks: readonly string[] = [],
): Diagnostic | null {
  const use = orgUse(clusters, notebooks);
  if (use === null) return null;
  const lines = [
    `What would be destroyed is in use by org ${place.org} in ${place.region}:`,
    ...use.lines,
    "Next: destroy these first, each by the configuration that made it, then destroy again. Until then nothing that the guard depends on is touched.",
    "One that no configuration has (its apply was killed before it wrote the state) is taken over first: terraform import muster_cluster.NAME UUID, terraform import muster_notebook.NAME NAME",
  ];
  return errorDiagnostic(
    "org-in-use",
    `Org ${place.org} still has ${use.count} in ${place.region}`,
    lines.join("\n"),
  );
}

/** Why a provider for `asked` can't check for a guard of `guarded`; null: it can. */
export function guardMismatch(guarded: OrgPlace, asked: OrgPlace): Diagnostic | null {
  if (guarded.org === asked.org && guarded.region === asked.region) return null;
  return errorDiagnostic(
    "guard-elsewhere",
    `The guard is of org ${guarded.org} in ${guarded.region}`,
    `The provider is configured for org ${asked.org} in ${asked.region} and can't tell what is left there. Set the provider's org and region back; to guard org ${asked.org} in ${asked.region}, import or make a guard of that name: ${guardId(asked)}.`,
  );
}
