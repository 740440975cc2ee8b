import type { OrgPlace } from "../../../agent/contract/names.js";
import { type DeclaredCluster, readDeclaredClusters } from "./declared.js";
import { unusable } from "./exit.js";
import type { World } from "./world.js";

/** What muster.yaml declares, of the project in the current folder. Throws with every problem. */
export function readProject({
  world,
  place,
}: {
  readonly world: Pick<World, "env" | "readFile">;
  readonly place: Pick<OrgPlace, "org">;
}): ReadonlyMap<string, DeclaredCluster> {
  const path = world.env["MUSTER_CONFIG"] ?? "muster.yaml";
  const text = textOf(world, path);
  const file = text === null ? null : readDeclaredClusters(text);
  const problems = [
    ...(textOf(world, "cdktf.json") === null
      ? ["there is no cdktf.json here: run this in the project's folder, where cdktf runs"]
      : []),
    ...(text === null ? [`${path} can't be read: set MUSTER_CONFIG to the org's muster.yaml`] : []),
    ...(text !== null && file === null
      ? [`${path} declares no org: \`npx cdktf synth\` says what is wrong`]
      : []),
    ...(file !== null && file.org !== place.org
      ? [`--org is ${place.org}, and ${path} declares ${file.org}: only its own clusters can be destroyed`]
      : []),
  ];
  if (problems.length > 0) throw unusable(problems);
  return new Map((file?.clusters ?? []).map((cluster) => [cluster.name, cluster]));
}

function textOf({ readFile }: Pick<World, "readFile">, path: string): string | null {
  try {
    return Buffer.from(readFile(path)).toString("utf8");
  } catch {
    return null;
  }
}
