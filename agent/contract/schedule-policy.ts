/**
 * What a slot does while another job of its definition has not ended: `skip` submits none, `queue` submits one that waits, if none
 * waits yet, and `replace` cancels the other one first.
 */
export const OVERLAP_POLICIES = ["skip", "queue", "replace"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

export const DEFAULT_OVERLAP_POLICY: OverlapPolicy = "skip";
export const DEFAULT_TIME_ZONE = "UTC";
export const DEFAULT_STARTING_DEADLINE_SECONDS = 3_600;
export const SCHEDULE_LIMITS = { cronCharacters: 200, startingDeadlineSeconds: 604_800 } as const;
