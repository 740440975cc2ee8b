import type { MusterClient } from "../../client/ports.js";
import { type Diagnostic, errorDiagnostic } from "../../core/diagnostic.js";
import type { ClusterState } from "./state.js";

/** Why the cluster can't be destroyed: the notebooks that are attached to it; null: none is. */
export async function observeAttached(
  { name, uuid }: Pick<ClusterState, "name" | "uuid">,
  { notebooks }: Pick<MusterClient, "notebooks">,
): Promise<Diagnostic | null> {
  const names = await notebooks.namesAt(uuid ?? "");
  if (names.length === 0) return null;
  const count = names.length === 1 ? "a notebook" : `${names.length} notebooks`;
  return errorDiagnostic(
    "cluster-has-notebooks",
    `Cluster ${name} has ${count} attached`,
    [
      `Attached to cluster ${uuid}: ${names.join(", ")}. Nothing of it was changed.`,
      "Next: destroy them, each by the configuration that made it, or attach them to another cluster (cluster_uuid, or their place in muster.yaml); then destroy again.",
      "One that no configuration has is taken over first: terraform import muster_notebook.ADDRESS NAME",
    ].join("\n"),
  );
}
