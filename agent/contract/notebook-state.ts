import { nextState, type TransitionTable } from "./machine.js";

/**
 * A notebook's life. Terraform makes it NEW and starts its node; the notebook's own agent, a command and Terraform move it on.
 *
 *   NEW --start--> INPROGRESS --ready--> FINISHED --start--> INPROGRESS
 *                     |  ^                  |
 *                   fail start            park
 *                     v  |                  v
 *                    FAILED ----park----> PARKED --start--> INPROGRESS
 *
 *   any but REMOVED --remove--> REMOVING --removed--> REMOVED
 *
 * FINISHED is the platform's word for "ready to be opened".
 */
export type NotebookStatus = "NEW" | "INPROGRESS" | "FINISHED" | "FAILED" | "PARKED" | "REMOVING" | "REMOVED";
/**
 * What a notebook does in its status.
 *
 * - NEW: `created`.
 * - INPROGRESS: `waiting-for-node` = no node has said anything yet; `readiness-probes` = one has, and a probe fails.
 * - FINISHED: `ready`; `unready` = a probe fails that has passed.
 * - PARKED: `parked`.
 * - REMOVING: `removing`.
 */
export type NotebookPhase = (typeof NOTEBOOK_PHASES)[number];
export const NOTEBOOK_PHASES = [
  "created",
  "waiting-for-node",
  "readiness-probes",
  "ready",
  "unready",
  "parked",
  "removing",
] as const;
export type NotebookEvent = "start" | "ready" | "fail" | "park" | "remove" | "removed";

const TRANSITIONS = {
  NEW: { start: "INPROGRESS", remove: "REMOVING" },
  INPROGRESS: { start: "INPROGRESS", ready: "FINISHED", fail: "FAILED", park: "PARKED", remove: "REMOVING" },
  FINISHED: { start: "INPROGRESS", ready: "FINISHED", park: "PARKED", remove: "REMOVING" },
  FAILED: { start: "INPROGRESS", ready: "FINISHED", fail: "FAILED", park: "PARKED", remove: "REMOVING" },
  PARKED: { start: "INPROGRESS", park: "PARKED", remove: "REMOVING" },
  REMOVING: { remove: "REMOVING", removed: "REMOVED" },
  REMOVED: { removed: "REMOVED" },
} as const satisfies TransitionTable<NotebookStatus, NotebookEvent>;

export const NOTEBOOK_STATUSES = Object.keys(TRANSITIONS) as readonly NotebookStatus[];

/** The status after `event`. Throws IllegalTransitionError if the event is illegal in `status`. */
export function nextNotebookStatus(status: NotebookStatus, event: NotebookEvent): NotebookStatus {
  return nextState<NotebookStatus, NotebookEvent>("notebook", TRANSITIONS, status, event);
}

/** The statuses in which `event` is legal. */
export const notebookStatusesTaking = (event: NotebookEvent): readonly NotebookStatus[] =>
  NOTEBOOK_STATUSES.filter((status) => event in TRANSITIONS[status]);
