import pMap from "p-map";
import { renderDuration } from "../../../agent/contract/duration.js";
import type { FoundThing } from "./cleanup.js";
import { type Output, showWait } from "./output.js";

/** What one try came to. `waiting`: it is not gone yet, and why; the same call later goes on. */
export type Removal = { readonly is: "gone" } | { readonly is: "waiting"; readonly why: string };

/** What became of a thing. `not-begun`: the command ended before. */
export interface Removed {
  readonly kind: string;
  readonly id: string;
  readonly result: "removed" | "failed" | "not-begun";
  /** The cause; null: it is removed. */
  readonly why: string | null;
}

interface Effects extends Pick<Output, "waits"> {
  /** May run again. Throws where waiting does not help. */
  remove(thing: FoundThing): Promise<Removal>;
  say(line: string): void;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  now(): Date;
  /** Aborts: nothing more is begun. */
  readonly signal: AbortSignal;
}

const INTERVAL_MS = 5_000;
/** NAT gateways and instances take minutes to go. */
const STAGE_MS = 10 * 60_000;
/** Once something has failed, what depends on it may never go: waiting for long is of no use. */
const STAGE_AFTER_FAILURE_MS = 30_000;
const CALLS_AT_ONCE = { concurrency: 8 } as const;

/** Removes the stages one after another. Goes on after a failure, and reports each thing. Never throws. */
export async function removeAll(
  stages: readonly (readonly FoundThing[])[],
  effects: Effects,
): Promise<readonly Removed[]> {
  const all: Removed[] = [];
  for (const stage of stages) {
    const hasFailed = all.some(({ result }) => result === "failed");
    all.push(...(await removeStage(stage, hasFailed ? STAGE_AFTER_FAILURE_MS : STAGE_MS, effects)));
  }
  return all;
}

async function removeStage(
  stage: readonly FoundThing[],
  limitMs: number,
  effects: Effects,
): Promise<readonly Removed[]> {
  const { say, sleep, now, signal } = effects;
  const until = now().getTime() + limitMs;
  const ended = new Map<FoundThing, Removed>();
  const show = showWait(effects);
  for (;;) {
    const open = stage.filter((thing) => !ended.has(thing));
    const waiting = new Map<FoundThing, string>();
    const attempt = async (thing: FoundThing): Promise<void> => {
      const outcome = await tryRemove(thing, effects);
      if (outcome.is === "waiting") waiting.set(thing, outcome.why);
      else ended.set(thing, outcome.removed);
    };
    await pMap(open, attempt, CALLS_AT_ONCE);
    for (const thing of open)
      if (ended.get(thing)?.result === "removed") say(`removed ${thing.kind} ${thing.id}`);
    const [first] = waiting;
    if (first === undefined) return stage.flatMap((thing) => ended.get(thing) ?? []);
    if (signal.aborted || now().getTime() >= until) {
      for (const [thing, why] of waiting)
        ended.set(thing, failed(thing, `it is still there after ${renderDuration(limitMs)}: ${why}`));
      return stage.flatMap((thing) => ended.get(thing) ?? []);
    }
    show(`waiting for ${waiting.size} of ${stage.length}: ${first[0].kind} ${first[0].id}: ${first[1]}`);
    await sleep(INTERVAL_MS, signal);
  }
}

const failed = ({ kind, id }: FoundThing, why: string): Removed => ({ kind, id, result: "failed", why });

type Outcome =
  | { readonly is: "ended"; readonly removed: Removed }
  | { readonly is: "waiting"; readonly why: string };

async function tryRemove(thing: FoundThing, { remove, signal }: Effects): Promise<Outcome> {
  const { kind, id } = thing;
  const notBegun = {
    is: "ended",
    removed: { kind, id, result: "not-begun", why: "the command was ended" },
  } as const;
  if (signal.aborted) return notBegun;
  try {
    const removal = await remove(thing);
    if (removal.is === "waiting") return removal;
    return { is: "ended", removed: { kind, id, result: "removed", why: null } };
  } catch (error) {
    return signal.aborted ? notBegun : { is: "ended", removed: failed(thing, (error as Error).message) };
  }
}
