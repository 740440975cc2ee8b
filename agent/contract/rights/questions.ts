import { RIGHT_GROUPS } from "./policy.js";
import type { RightGroup, RightsPlace } from "./right.js";

/** What is asked of a simulation: some actions of one statement. */
export interface SimulationQuestion {
  readonly actions: readonly string[];
  /** ARNs; empty: any. */
  readonly resources: readonly string[];
  readonly context: readonly { readonly key: string; readonly values: readonly string[] }[];
}

/** Each right of the table, on resources that it is about and with what its condition asks for. Pure. */
export const simulationQuestions = (
  place: RightsPlace,
  groups: readonly Omit<RightGroup, "sid" | "on">[] = RIGHT_GROUPS,
): readonly SimulationQuestion[] =>
  groups.map(({ actions, resources, condition }) => ({
    actions: [...new Set(actions)],
    resources: resources(place)
      .filter((arn) => arn !== "*")
      .map((arn) => arn.replaceAll("*", "muster")),
    context: Object.values(condition?.(place) ?? {}).flatMap((keys) =>
      Object.entries(keys).map(([key, value]) => ({
        key,
        // One of those that are allowed.
        values: [([value].flat()[0] ?? "").replaceAll("*", "muster")],
      })),
    ),
  }));

/** The same of some actions alone, each as the table has it. Throws where one is not in the table. Pure. */
export function questionsOn(actions: readonly string[], place: RightsPlace): readonly SimulationQuestion[] {
  const wanted = new Set(actions);
  const groups = RIGHT_GROUPS.map((group) => ({
    ...group,
    actions: group.actions.filter((action) => wanted.has(action)),
  })).filter((group) => group.actions.length > 0);
  const known = new Set(groups.flatMap((group) => group.actions));
  const unknown = [...wanted].filter((action) => !known.has(action));
  if (unknown.length > 0) throw new Error(`the table of rights does not have ${unknown.join(", ")}`);
  return simulationQuestions(place, groups);
}
