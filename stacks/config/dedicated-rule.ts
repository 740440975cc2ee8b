import type { Draft } from "./draft.js";
import type { Problem } from "./problem.js";

/** A cluster that is made for a job has one that deploy submits, and none that comes after it by itself. Pure. */
export function dedicatedProblems({ clusters = [] }: Draft): Problem[] {
  return clusters.flatMap((cluster, index): Problem[] => {
    if (cluster?.dedicated !== true) return [];
    const definitions = cluster.jobDefinitions ?? [];
    // What the schema refused may be the one.
    const isKnown = definitions.every((definition) => definition?.run !== undefined);
    const path = ["clusters", index];
    const count = definitions.filter((definition) => definition?.run === "on_change").length;
    const message = `got true with ${count} job definitions that have run on_change; allowed: with exactly one, the job that the cluster is made for (give the others run: manual)`;
    return [
      ...(count === 1 || !isKnown || cluster.jobDefinitions === undefined
        ? []
        : [{ path: [...path, "dedicated"], message }]),
      ...definitions.flatMap((definition, at): Problem[] =>
        definition?.schedule === undefined
          ? []
          : [
              {
                path: [...path, "jobDefinitions", at, "schedule"],
                message:
                  "allowed: only on a cluster without dedicated: true; that is removed when its one job has ended",
              },
            ],
      ),
    ];
  });
}
