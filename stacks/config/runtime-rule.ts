import type { Runtime } from "../../agent/contract/job-request.js";
import type { Draft } from "./draft.js";
import type { Problem } from "./problem.js";

/** AWS names arm64 types by a g behind the generation (c7g, m7gd, hpc7g); beside these there are a1, and Grace (p6e-gb200). */
const ARM_TYPE = /^(?:a1|[a-z]+\d+[a-z]*g[a-z]*|p6e-gb\d+)\./;
/** No image for arm64 has it. */
const X86_ONLY: Runtime = "intel";

/** Runtimes that the nodes' image can't have: of the clusters, and of their job definitions. Pure. */
export function runtimeProblems({ clusters = [] }: Draft): Problem[] {
  return clusters.flatMap((cluster, index): Problem[] => {
    const type = cluster?.instanceType;
    if (type === undefined || !ARM_TYPE.test(type)) return [];
    const message = `got "${X86_ONLY}"; allowed: mpich, since Intel MPI is for x86-64 alone and ${type} is arm64 (or choose another instanceType)`;
    const path = ["clusters", index] as const;
    const definitions = (cluster?.jobDefinitions ?? []).flatMap((definition, inner): Problem[] =>
      definition?.runtime === X86_ONLY
        ? [{ path: [...path, "jobDefinitions", inner, "runtime"], message }]
        : [],
    );
    return [
      ...(cluster?.runtime === X86_ONLY ? [{ path: [...path, "runtime"], message }] : []),
      ...definitions,
    ];
  });
}
