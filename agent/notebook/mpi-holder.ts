import { nextState, type TransitionTable } from "../contract/machine.js";
import { MPI_SILENT_SECONDS } from "../contract/notebook-mpi.js";

/**
 * Who holds the cluster for a notebook: none of its MPI kernels, or one.
 *
 *   FREE --take--> IDLE --work--> WORKING
 *    ^              | ^ <--rest---- |
 *    |             ask              |
 *    |              v               |
 *    +----gone-- RELEASING <--ask---+
 *    +----gone-- (IDLE, WORKING)
 *
 * RELEASING: the kernel has been asked to end its ranks. gone: it has, or it gives no sign of life.
 */
type MpiState = "FREE" | "IDLE" | "WORKING" | "RELEASING";
type MpiEvent = "take" | "work" | "rest" | "ask" | "gone";

const TRANSITIONS = {
  FREE: { take: "IDLE" },
  IDLE: { work: "WORKING", rest: "IDLE", ask: "RELEASING", gone: "FREE" },
  WORKING: { work: "WORKING", rest: "IDLE", ask: "RELEASING", gone: "FREE" },
  RELEASING: { work: "RELEASING", rest: "RELEASING", ask: "RELEASING", gone: "FREE" },
} as const satisfies TransitionTable<MpiState, MpiEvent>;

const next = (state: MpiState, event: MpiEvent): MpiState =>
  nextState<MpiState, MpiEvent>("MPI kernel", TRANSITIONS, state, event);

/** A kernel that holds the cluster. Times are monotonic. */
export interface MpiHolder {
  readonly kernel: string;
  readonly state: MpiState;
  readonly heardAtMs: number;
  /** Since when no cell runs. */
  readonly idleSinceMs: number;
  /** Why it was asked to let go, for people; null: it was not. */
  readonly why: string | null;
}

/** A kernel has got the cluster, or an agent that was restarted hears of one that has it. Pure. */
export const holderOf = (kernel: string, nowMs: number): MpiHolder => ({
  ...{ kernel, state: next("FREE", "take"), heardAtMs: nowMs, idleSinceMs: nowMs, why: null },
});

/** After a sign of life. The idle time begins when a cell ends. Pure. */
export function afterBeat(holder: MpiHolder, working: boolean, nowMs: number): MpiHolder {
  const state = next(holder.state, working ? "work" : "rest");
  return { ...holder, state, heardAtMs: nowMs, idleSinceMs: working ? nowMs : holder.idleSinceMs };
}

/** It is to let go. The first reason stays. Pure. */
export const afterAsk = (holder: MpiHolder, why: string): MpiHolder => ({
  ...{ ...holder, state: next(holder.state, "ask"), why: holder.why ?? why },
});

/** What becomes of it by time alone: lost without a sign of life, asked after its idle time. Pure. */
export function afterTime(
  holder: MpiHolder,
  { idleMs, nowMs, idleText }: { readonly idleMs: number; readonly nowMs: number; readonly idleText: string },
): MpiHolder | "silent" {
  if (nowMs - holder.heardAtMs >= MPI_SILENT_SECONDS * 1_000) return "silent";
  const isOver = holder.state === "IDLE" && nowMs - holder.idleSinceMs >= idleMs;
  return isOver ? afterAsk(holder, idleText) : holder;
}
