import { type FoundThing, keepProblems, planRemoval, type RemovalPlan } from "../core/cleanup.js";
import { EXIT, unusable } from "../core/exit.js";
import { type Removed, removeAll } from "../core/remove-all.js";
import { renderFailures, renderKept, renderPlan, renderProof } from "../render/cleanup.js";
import { confirmRemoval } from "./confirm-removal.js";
import type { OrgContext } from "./context.js";
import { prove } from "./proof.js";

export interface WithoutStateOptions {
  readonly confirm?: string;
  readonly keep: readonly string[];
}

/** Removes what has the org's tag, by AWS's calls and in order. Gives the exit status. */
export async function cleanWithoutState(
  context: OrgContext,
  { confirm, keep }: WithoutStateOptions,
  isDryRun: boolean,
  stop: AbortSignal,
): Promise<number> {
  const { out, place, access } = context;
  const things = await access.cleanup.find();
  const problems = keepProblems(things, keep);
  if (problems.length > 0) throw unusable(problems);
  const plan = planRemoval(things, place.org, keep);
  if (isDryRun) {
    await out.print(renderPlan(plan));
    await out.document({ isDryRun, toRemove: plan.stages.flat().map(identified), kept: plan.kept });
    return EXIT.done;
  }
  const what = `${plan.stages.flat().length} things of org ${place.org} in ${place.region}`;
  if (plan.stages.length > 0) await confirmRemoval({ shown: renderPlan(plan), what }, confirm, context);
  stop.throwIfAborted();
  const removed = await removeTwice(plan, keep, context, stop);
  const isDone = removed.every(({ result }) => result === "removed");
  const proof = await prove(context, stop, { isPatient: isDone, kept: plan.kept });
  // The rest has gone with what it was part of.
  const kept = plan.kept.filter(({ id }) => proof.leftovers.some((left) => left.id === id));
  const chosen = kept.filter(({ isChosen }) => isChosen).map(({ id }) => id);
  const left = proof.leftovers.filter(({ id }) => !chosen.includes(id));
  await out.print([...renderFailures(removed), ...renderKept(kept), ...renderProof(proof, place)]);
  await out.document({ isDryRun, removed, kept, ...proof });
  out.say(
    `${removed.filter(({ result }) => result === "removed").length} removed, ${left.length} left${chosen.length === 0 ? "" : `, ${chosen.length} kept`}.`,
  );
  stop.throwIfAborted();
  return left.length === 0 ? EXIT.done : EXIT.failed;
}

const identified = ({ kind, id }: FoundThing) => ({ kind, id });

/** The second time for what was made again meanwhile, as a service does with its log group. */
async function removeTwice(
  plan: RemovalPlan,
  keep: readonly string[],
  { world, out, place, access }: OrgContext,
  signal: AbortSignal,
): Promise<readonly Removed[]> {
  const effects = {
    remove: (thing: FoundThing) => access.cleanup.remove(thing),
    say: (line: string) => out.say(line),
    waits: out.waits,
    sleep: (ms: number, until: AbortSignal) => world.sleep(ms, until),
    now: () => world.now(),
    signal,
  };
  const first = await removeAll(plan.stages, effects);
  if (signal.aborted || first.length === 0) return first;
  const failed = new Set(first.filter(({ result }) => result !== "removed").map(({ id }) => id));
  const { stages } = planRemoval(await access.cleanup.find(), place.org, keep);
  const again = stages.map((stage) => stage.filter(({ id }) => !failed.has(id)));
  const second = await removeAll(again, effects);
  const repeated = new Set(second.map(({ id }) => id));
  return [...first.filter(({ id }) => !repeated.has(id)), ...second];
}
