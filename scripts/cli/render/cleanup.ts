import type { FoundThing, KeptThing, RemovalPlan } from "../core/cleanup.js";
import type { Removed } from "../core/remove-all.js";

type Thing = Pick<FoundThing, "kind" | "id">;

/** What a removal would remove, in its order, and what it would not. Pure. */
export const renderPlan = ({ stages, kept }: RemovalPlan): readonly string[] => [
  ...stages.flat().map(({ kind, id }) => `to remove: ${kind} ${id}`),
  ...renderKept(kept),
];

export const renderKept = (kept: readonly KeptThing[]): readonly string[] =>
  kept.map(({ kind, id, why }) => `stays: ${kind} ${id}: ${why}`);

/** Only what did not work. Pure. */
export const renderFailures = (removed: readonly Removed[]): readonly string[] =>
  removed
    .filter(({ result }) => result !== "removed")
    .map(
      ({ kind, id, result, why }) => `${result === "failed" ? "FAILED" : "not begun"}: ${kind} ${id}: ${why}`,
    );

/** What the check at the end has found. Pure. */
export function renderProof(
  {
    leftovers,
    pendingDeletion,
  }: { readonly leftovers: readonly Thing[]; readonly pendingDeletion: readonly Thing[] },
  { org, region }: { readonly org: string; readonly region: string },
): readonly string[] {
  return [
    ...leftovers.map(({ kind, id }) => `left: ${kind} ${id}`),
    ...pendingDeletion.map(({ kind, id }) => `pending deletion: ${kind} ${id}`),
    ...(leftovers.length === 0 ? [`Nothing of org ${org} is left in ${region}.`] : []),
  ];
}
